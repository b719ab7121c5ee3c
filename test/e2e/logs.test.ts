import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { createScratch } from '@kpi/engines';
import { type Embedded, startEmbedded } from '@kpi/embedded';
import { closeRedis, createApiKeys, createRedis } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig, systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { until } from '../support/pipeline.ts';
import { removeNames, uniqueNames } from '../support/unique-names.ts';

/** Everything that a person could be known by, in every place of an event and of a request where it could be put. */
const PERSON = [
  'ann.keller@example.com',
  'Annegret Keller',
  '+49 170 5550199',
  'ann-keller-user',
] as const;
const [MAIL, NAME, PHONE, USER] = PERSON;

let embedded: Embedded;
let dataDir: { readonly path: string; remove(): Promise<void> };
let secret: string;

const environment = {
  ...process.env,
  ...uniqueNames(),
  KPI_PARTITIONS: '2',
  KPI_HTTP_PORT: '0',
  KPI_LOG_LEVEL: 'trace',
  KPI_REQUIRE_KEYS: 'true',
};
const config = readConfig(z.object(ENGINE_OPTIONS), environment);

beforeAll(async () => {
  dataDir = await createScratch();
  embedded = await startEmbedded({ dataDir: dataDir.path, environment });
  const client = await createRedis(config, createLog({ name: 'test', level: 'silent' }));
  const store = { client, prefix: config.KPI_REDIS_PREFIX };
  const keys = createApiKeys({ ...store, areRequired: true, clock: systemClock });
  ({ secret } = await keys.create({ tenantId: 'acme', scopes: ['admin'], label: NAME }));
  await closeRedis(client);
});

afterAll(async () => {
  await embedded.close();
  await dataDir.remove();
  await removeNames(config);
});

function post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${embedded.url}/v1/events?email=${encodeURIComponent(MAIL)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, ...headers },
    body,
  });
}

/** A ticket that says all about the person in every field that takes text. */
function ticket(number: number, more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    event_id: `ticket-${number}-${MAIL}`,
    event_type: 'support.ticket_created',
    source: 'desk',
    occurred_at: new Date().toISOString(),
    account_id: 'acme-1',
    user_id: USER,
    external_ids: { mail: MAIL, phone: PHONE },
    properties: {
      ticket_id: `${number}-${NAME}`,
      channel: 'email',
      requester_user_id: USER,
      is_customer_initiated: true,
      email: MAIL,
      subject: `${NAME}, ${PHONE}`,
    },
    ...more,
  };
}

async function logLines(): Promise<readonly string[]> {
  const folder = join(dataDir.path, 'logs');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

test('at the finest level every batch and every request has its line, and no line has anything of a person', async () => {
  const right = await post(JSON.stringify([ticket(1), ticket(2)]));
  expect(await right.json()).toEqual({ accepted: 2, rejected: [] });
  const wrong = await post(
    JSON.stringify([ticket(3, { event_type: NAME }), ticket(4, { account_id: { name: NAME } })]),
  );
  expect(await wrong.json()).toMatchObject({ accepted: 0 });
  expect((await post(`{"user": "${MAIL}", broken`)).status).toBe(400);
  expect((await post('[]', { authorization: `Bearer ${secret}0` })).status).toBe(401);
  const headers = { authorization: `Bearer ${secret}` };
  const asked = await fetch(`${embedded.url}/v1/kpis/${encodeURIComponent(MAIL)}`, { headers });
  expect(asked.status).toBe(404);
  await until(
    'batches are logged',
    async () => (await logLines()).filter((line) => line.includes('"batch applied"')).length >= 2,
  );
  const lines = await logLines();
  for (const told of [...PERSON, secret, secret.slice(0, 40)])
    expect(lines.filter((line) => line.includes(told))).toEqual([]);
});

test('a batch has a name that all its lines share, a request the id that its answer has', async () => {
  const answer = await post(JSON.stringify(ticket(9)), { 'x-request-id': 'call-42' });
  expect(answer.headers.get('x-request-id')).toBe('call-42');
  const odd = await post(JSON.stringify(ticket(10)), { 'x-request-id': `${NAME} <script>` });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  await until('the request is logged', async () =>
    (await logLines()).some((line) => line.includes('"request_id":"call-42"')),
  );
  const batches = (await logLines()).filter((line) => line.includes('"batch applied"'));
  expect(batches.length).toBeGreaterThan(0);
  for (const line of batches)
    expect(JSON.parse(line)).toMatchObject({
      level: 20,
      batch: expect.stringMatching(/^[\w.-]+-\d+:\d+-\d+$/),
      records: expect.any(Number),
    });
});

test('every line has a constant message: nothing is woven into it', async () => {
  const lines = (await logLines()).map((line) =>
    z.object({ msg: z.string(), level: z.number() }).parse(JSON.parse(line)),
  );
  expect(lines.length).toBeGreaterThan(10);
  for (const { msg } of lines) expect(msg).toMatch(/^[A-Za-z][A-Za-z ,]*$/);
});
