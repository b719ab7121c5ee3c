import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { startEngines } from './start-engines.ts';

/**
 * `pnpm engines [--data-dir PATH] [--write-env PATH] [--brokers 3] [--redis-cluster]`: engines until Ctrl-C, for working on the services.
 * (Not `--env-file`: node takes that for itself, even behind the script.)
 */
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: process.env['KPI_DATA_DIR'] ?? '.data' },
    'write-env': { type: 'string' },
    brokers: { type: 'string', default: '1' },
    'redis-cluster': { type: 'boolean', default: false },
  },
});

const engines = await startEngines({
  dataDir: values['data-dir'],
  brokers: values.brokers === '3' ? 3 : 1,
  redis: values['redis-cluster'] ? 'cluster' : 'single',
  environment: process.env,
  onProgress: (line) => process.stderr.write(`${line}\n`),
  onUnexpectedEnd: (fault) => {
    process.stderr.write(`${fault.message}\n`);
    void stop(1);
  },
});

let stopping: Promise<void> | undefined;
function stop(code: number): Promise<void> {
  stopping ??= engines.close().then(() => process.exit(code));
  return stopping;
}
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));

const lines = Object.entries(engines.urls)
  .map(([name, url]) => `${name}=${url}\n`)
  .join('');
process.stdout.write(lines);
const envPath = values['write-env'];
if (envPath !== undefined) await writeFile(envPath, lines);
