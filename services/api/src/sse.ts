/** One message of a stream of server-sent events. */
export interface StreamMessage {
  /** What a client says it has seen when it comes back. */
  readonly id?: number;
  readonly event: string;
  /** One line: JSON has no line breaks. */
  readonly data: string;
}

/** A message as it goes over the wire. */
export function encodeMessage({ id, event, data }: StreamMessage): string {
  const name = id === undefined ? '' : `id: ${id}\n`;
  return `${name}event: ${event}\ndata: ${data}\n\n`;
}

/** Something to send when there is nothing to say, so that nobody on the way closes the connection. */
export const KEEP_ALIVE = ': \n\n';

/** The sequence number in `Last-Event-ID`; undefined when there is none or it is none of ours. */
export function parseLastEventId(text: string | string[] | undefined): number | undefined {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/**
 * A message that says which values are missing between the last one seen and the next one there is; none when nothing is:
 * sequence numbers have no holes.
 */
export function gapBetween(seen: number, next: number): string | undefined {
  if (next <= seen + 1) return undefined;
  return encodeMessage({ event: 'gap', data: JSON.stringify({ after: seen, before: next }) });
}
