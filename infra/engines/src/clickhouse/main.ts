import { startHost } from './host.ts';

/** The ClickHouse host process: `node main.ts DIRECTORY PORT`, on loopback until SIGTERM. */
const [directory, port] = process.argv.slice(2);
if (directory === undefined || port === undefined) {
  process.stderr.write('usage: main.ts DIRECTORY PORT\n');
  process.exit(2);
}
const host = await startHost({ directory, host: '127.0.0.1', port: Number(port) });
let stopping: Promise<void> | undefined;
const stop = (): void => {
  stopping ??= host.close().then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
