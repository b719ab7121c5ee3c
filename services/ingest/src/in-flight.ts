import { Fault } from '@kpi/core';

/** What the requests under way may take of memory, all together. */
export interface InFlight {
  /** Count a request in until `release` is called. Throws `overloaded` when it does not fit; the first one always fits. */
  admit(bodyBytes: number): { readonly release: () => void };
  /** Bytes counted now. */
  readonly bytes: number;
}

/** What a request costs besides its body: socket, headers, promises. Without it a flood of tiny requests would cost nothing. */
const REQUEST_BYTES = 16 * 1_024;

/**
 * A limit on what is in flight. When the broker is slow, requests pile up behind it; beyond the limit they are refused
 * before their bodies are read, so memory does not grow with the patience of the clients.
 */
export function createInFlight(bytesMax: number): InFlight {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    admit(bodyBytes) {
      const cost = bodyBytes + REQUEST_BYTES;
      if (bytes > 0 && bytes + cost > bytesMax)
        throw new Fault('overloaded', `more than ${bytesMax} bytes are in flight`);
      bytes += cost;
      let isHeld = true;
      return {
        release() {
          if (isHeld) bytes -= cost;
          isHeld = false;
        },
      };
    },
  };
}
