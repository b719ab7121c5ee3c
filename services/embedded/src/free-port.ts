import { once } from 'node:events';
import { createServer } from 'node:net';

import { Fault } from '@kpi/core';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Throws a Fault `port_taken` when nobody could listen there now. Asked before engines start: a taken port should cost a moment, not
 * ten seconds.
 */
export async function assertPortFree({ host, port }: Address): Promise<void> {
  const server = createServer().listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const detail = `port ${port} on ${host} cannot be used: set KPI_HTTP_PORT to another one`;
    throw new Fault('port_taken', detail, { cause });
  }
  server.close();
  await once(server, 'close');
}
