/** Loaded before a service of a bench: it ends in order when whoever started it is gone, however that ended. */
import { isMainThread } from 'node:worker_threads';

// Threads load it too, and have no input.
if (isMainThread) {
  const { stdin } = process;
  stdin.once('end', () => process.kill(process.pid, 'SIGTERM')).resume();
  // A pipe is a socket: nothing waits for it.
  if ('unref' in stdin) stdin.unref();
}
