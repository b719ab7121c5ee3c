import { DEFAULT_DEFINITIONS, type Definitions, HOUR_MS } from '@kpi/core';
import { type HttpServer, createHttp, createLog, createMetrics } from '@kpi/runtime';
import { expect, test } from 'vitest';

import { registerMembers } from './routes.ts';
import { ANSWERED_AT, MemoryReader, survey } from './test-reader.ts';

const NOW = ANSWERED_AT + HOUR_MS / 2;
const RESPONSES = 21;

async function serve(
  definitions: Definitions,
  clock: () => number = () => NOW,
): Promise<HttpServer> {
  const log = createLog({ name: 'test', level: 'silent' });
  const http = await createHttp({ log, metrics: createMetrics(), services: () => [] });
  registerMembers(http, {
    reader: new MemoryReader(survey(4, 5)),
    history: {
      read: ({ asOf }) =>
        Promise.resolve(
          asOf.map((at) => ({
            asOf: at,
            group: [],
            components: { responses: BigInt(RESPONSES), satisfied: 0n },
          })),
        ),
    },
    definitionsOf: () => definitions,
    readChange: () => Promise.resolve(undefined),
    clock,
    tenantOf: () => Promise.resolve('acme'),
  });
  return http;
}

async function ask(http: HttpServer, query: string): Promise<Record<string, unknown>> {
  const response = await http.inject(`/v1/kpis/csat_score/members?${query}`);
  expect(response.statusCode).toBe(200);
  return response.json();
}

test('without an as-of time it is that of the current value, and all pages are about the same', async () => {
  let now = NOW;
  const http = await serve(DEFAULT_DEFINITIONS, () => now);
  const first = await ask(http, 'limit=5');
  expect(first).toMatchObject({
    kpi_id: 'csat_score',
    definition_version: 1,
    window: { to: new Date(ANSWERED_AT + HOUR_MS).toISOString() },
    as_of: new Date(NOW).toISOString(),
    filter: { context: ['general'] },
    withheld: false,
  });
  now += 5 * HOUR_MS;
  const second = await ask(http, `limit=5&after=${String(first['next'])}`);
  expect(second['window']).toEqual(first['window']);
  expect(second['as_of']).toBe(first['as_of']);
  expect(second['members']).not.toEqual(first['members']);
});

test('a member says what it counts in, with roles and times', async () => {
  const http = await serve(DEFAULT_DEFINITIONS);
  const { members } = await ask(http, 'limit=1&account=a2');
  expect(members).toEqual([
    {
      unit: 'answer',
      ids: { account_id: 'a2', user_id: 'u2-0', context: 'general', survey_id: 'csat' },
      at: new Date(ANSWERED_AT).toISOString(),
      dimensions: { plan: '(none)', survey: 'csat', context: 'general' },
      counted: true,
      counts: ['responses', 'satisfied'].map((component) => ({
        component,
        roles: component === 'responses' ? ['denominator', 'n'] : ['numerator'],
        weight: 1,
        dimensions: { plan: '(none)', survey: 'csat', context: 'general' },
        counts_from: new Date(ANSWERED_AT + 1).toISOString(),
        counts_until: '2026-02-25T00:00:00.001Z',
      })),
      reason: null,
    },
  ]);
});

test('where a value is withheld, so are its members', async () => {
  const strict = await serve({ ...DEFAULT_DEFINITIONS, suppressN: RESPONSES + 1 });
  expect(await ask(strict, '')).toMatchObject({ withheld: true, members: [], next: null });
  const enough = await serve({ ...DEFAULT_DEFINITIONS, suppressN: RESPONSES });
  expect(await ask(enough, 'limit=100')).toMatchObject({ withheld: false });
});
