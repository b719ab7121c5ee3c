import { useEffect, useRef, useState } from 'preact/hooks';

/** A number that glows for a moment when it changes, for those who did not ask for less motion. */
export function ChangingNumber({ text }: { readonly text: string }) {
  const shown = useRef(text);
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    if (shown.current === text) return;
    shown.current = text;
    setChanges((count) => count + 1);
  }, [text]);
  return (
    <span key={changes} class={changes === 0 ? 'number' : 'number is-new'}>
      {text}
    </span>
  );
}
