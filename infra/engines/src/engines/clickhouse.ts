import { fileURLToPath } from 'node:url';

import { LOOPBACK } from '../process/ports.ts';
import { answersOk } from '../process/readiness.ts';
import { type Engine, type EngineOptions } from './engine.ts';
import { engineOf, startNode } from './supervised-node.ts';

const HOST = fileURLToPath(new URL('../clickhouse/main.ts', import.meta.url));
const READY_MS_MAX = 120_000;
/** Queries run on libuv's threads; its default of 4 would let four slow queries stop all others. */
const QUERY_THREADS = '16';

/** ClickHouse (chDB) behind an HTTP host process, as a server of one node. `url` is its HTTP interface. */
export async function startClickHouse(options: EngineOptions): Promise<Engine> {
  const url = `http://${LOOPBACK}:${options.port}`;
  const node = await startNode(url, {
    ...options,
    name: 'ClickHouse',
    command: [process.execPath, HOST, options.directory, String(options.port)],
    environment: { UV_THREADPOOL_SIZE: QUERY_THREADS },
    isReady: () => answersOk(`${url}/ping`),
    readyMsMax: READY_MS_MAX,
  });
  return engineOf([node]);
}
