/** Loaded before a service of a bench: it ends in order when whoever started it is gone, however that ended. */
const { stdin } = process;
stdin.once('end', () => process.kill(process.pid, 'SIGTERM')).resume();
// A pipe is a socket: nothing waits for it.
if ('unref' in stdin) stdin.unref();
