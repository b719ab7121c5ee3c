/** Names under which this machine reaches itself. */
const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a `Host` header names this machine. A page of another site can point its own name at 127.0.0.1 and then read what
 * answers there without a key; its requests carry its name.
 */
export function isLocalName(host: string | undefined): boolean {
  return host !== undefined && LOCAL_NAME.test(host);
}
