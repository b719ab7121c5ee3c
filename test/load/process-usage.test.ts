import { createServer } from 'node:net';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { cpuSecondsOf, listenerOf, listeningSockets, peakBytesOf } from './process-usage.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`;

test('only sockets that listen on the port itself are taken', () => {
  expect(listeningSockets(TABLE, 8_080)).toEqual(['socket:[4711]']);
  expect(listeningSockets(TABLE, 9_999)).toEqual([]);
});

test('the process that listens on a port is found', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await listenerOf(port)).toBe(process.pid);
  server.close();
  await once(server, 'close');
  expect(await listenerOf(port)).toBeUndefined();
});

test('CPU time and memory agree with what the process knows of itself', async () => {
  const { user, system } = process.cpuUsage();
  expect(Math.abs((await cpuSecondsOf(process.pid)) - (user + system) / 1e6)).toBeLessThan(0.5);
  expect(await peakBytesOf(process.pid)).toBeGreaterThanOrEqual(process.memoryUsage.rss() * 0.5);
});
