/** One message of a stream of server-sent events. */
export interface StreamMessage {
  /** What a client says it has seen when it comes back. */
  readonly id?: string;
  readonly event: string;
  /** One line: JSON has no line breaks. */
  readonly data: string;
}

/** A message as it goes over the wire. */
export function encodeMessage({ id, event, data }: StreamMessage): string {
  const name = id === undefined ? '' : `id: ${id}\n`;
  return `${name}event: ${event}\ndata: ${data}\n\n`;
}

/** An id as the board gives it out. */
const EVENT_ID = /^\d{1,15}-\d{1,15}$/;

/**
 * What a client says it has seen: undefined when it says nothing, `unknown` when it is no id of ours, which is as good as one
 * that is too old.
 */
export function readLastEventId(text: string | string[] | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return typeof text === 'string' && EVENT_ID.test(text) ? text : UNKNOWN_ID;
}

/** No value is ever published after this one. */
export const UNKNOWN_ID = '0-0';
