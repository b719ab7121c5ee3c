import { once } from 'node:events';
import { type Server, createServer } from 'node:net';

import { Fault } from '@kpi/core';

export const LOOPBACK = '127.0.0.1';

/**
 * The ports asked for, in the same order, with a free one for each 0. All are held until all are chosen, so they differ.
 * Throws a Fault `engine_failed` that names a port in use.
 */
export async function choosePorts(wanted: readonly number[]): Promise<readonly number[]> {
  const held: Server[] = [];
  try {
    for (const port of wanted) held.push(await hold(port));
    return held.map(portOf);
  } finally {
    await Promise.all(held.map(release));
  }
}

/** The port a TCP server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server');
  return address.port;
}

async function hold(port: number): Promise<Server> {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new Fault('engine_failed', `port ${port} is in use`, { cause });
  });
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
