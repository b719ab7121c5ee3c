import { randomBytes } from 'node:crypto';

import { createHttp, createLog, createMetrics, listen, readConfig } from '@kpi/runtime';
import { expect, test } from 'vitest';

import { INGEST_OPTIONS } from './options.ts';
import { start } from './service.ts';
import { NOW, post, removeTraces, rethrow } from './test-ingest.ts';

test('on a server it shares, ingest takes bytes and leaves JSON to the other routes', async () => {
  const id = `t${randomBytes(6).toString('hex')}`;
  const environment = { ...process.env, KPI_TOPIC_PREFIX: `${id}.`, KPI_REDIS_PREFIX: id };
  const config = readConfig(INGEST_OPTIONS, environment);
  const log = createLog({ name: 'test', level: 'silent' });
  const metrics = createMetrics();
  const http = await createHttp({ log, metrics });
  http.post('/other', async (request) => ({ seen: request.body }));
  const context = { log, metrics, clock: () => NOW, onFatal: rethrow };
  const service = await start(config, context, http);
  const url = await listen(http, { host: '127.0.0.1', port: 0 });
  expect(service.url).toBeNull();
  expect(await post(url, [{}], {})).toMatchObject({ status: 202, body: { accepted: 0 } });
  const other = await fetch(`${url}/other`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await other.json()).toEqual({ seen: { a: 1 } });
  const reference = await fetch(`${url}/openapi.json`);
  expect(await reference.json()).toMatchObject({
    paths: {
      '/v1/events': {
        post: {
          requestBody: {
            content: {
              'application/json': {},
              'application/cloudevents+json': {},
              'application/cloudevents-batch+json': {},
            },
          },
        },
      },
    },
  });
  await http.close();
  await service.close();
  await removeTraces(config, log);
});
