import { useKey } from '../data/client.ts';

/** Asked for where the installation requires a key; kept until the window is closed. */
export function KeyForm() {
  return (
    <form
      class="notice"
      onSubmit={(event) => {
        event.preventDefault();
        const key = new FormData(event.currentTarget).get('key');
        if (typeof key === 'string') useKey(key.trim());
        location.reload();
      }}
    >
      <label for="key">
        This installation asks for an API key with the scope <code>read</code>.
      </label>
      <input id="key" name="key" type="password" autocomplete="off" required />
      <button type="submit">Use key</button>
    </form>
  );
}
