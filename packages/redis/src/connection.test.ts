import { Fault } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { expect, test } from 'vitest';

import { createRedis, reach } from './connection.ts';

const log = createLog({ name: 'test', level: 'silent' });

test('a port where nobody listens is store_unreachable and names the host without the password', async () => {
  const refused = createRedis({ KPI_REDIS_URL: 'redis://user:secret@127.0.0.1:1' }, log);
  await expect(refused).rejects.toMatchObject({ code: 'store_unreachable', retryable: true });
  await expect(refused).rejects.toThrow(/127\.0\.0\.1:1$/);
});

test('a URL of another kind is config_invalid', async () => {
  const refused = createRedis({ KPI_REDIS_URL: 'http://user:secret@127.0.0.1' }, log);
  await expect(refused).rejects.toMatchObject({ code: 'config_invalid' });
});

test('a server without a master or a slot that moved can be retried, a wrong command cannot', async () => {
  for (const passing of ['MASTERDOWN Link is down', 'MOVED 3821 127.0.0.1:1', 'ASK 1 127.0.0.1:1'])
    await expect(reach('read', Promise.reject(reply(passing)))).rejects.toThrow(Fault);
  await expect(reach('read', Promise.reject(reply('ERR unknown command')))).rejects.not.toThrow(
    Fault,
  );
});

/** An error as the client builds it from an error reply. */
function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}
