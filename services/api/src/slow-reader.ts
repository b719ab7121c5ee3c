/** What of an answer, a `ServerResponse`, shows whether its reader reads. */
interface Answer {
  readonly writableNeedDrain: boolean;
  readonly socket: { readonly bytesWritten: number } | null;
  readonly destroy: () => unknown;
  readonly once: (event: 'close', listener: () => void) => unknown;
}

/**
 * End an answer whose reader has taken nothing for `patienceMs` although something waits for it: it holds a socket and, as far as
 * the buffers of the socket go, memory. It resumes when it comes back.
 */
export function endWhenStuck(answer: Answer, patienceMs: number): void {
  let written = -1;
  const watch = setInterval(() => {
    const now = answer.socket?.bytesWritten ?? 0;
    const isStuck = answer.writableNeedDrain && now === written;
    written = answer.writableNeedDrain ? now : -1;
    if (isStuck) answer.destroy();
  }, patienceMs);
  answer.once('close', () => clearInterval(watch));
}
