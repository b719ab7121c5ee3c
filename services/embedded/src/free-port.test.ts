import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import { assertPortFree } from './free-port.ts';

test('a taken port is one clear line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const asked = assertPortFree({ host: '127.0.0.1', port });
  await expect(asked).rejects.toMatchObject({
    code: 'port_taken',
    detail: expect.stringContaining('KPI_HTTP_PORT'),
  });
  server.close();
  await once(server, 'close');
  await assertPortFree({ host: '127.0.0.1', port });
});
