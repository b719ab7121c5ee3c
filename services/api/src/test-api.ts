import { randomBytes } from 'node:crypto';

import { type History, createHistory } from '@kpi/clickhouse';
import type { SurveyResponseSubmitted } from '@kpi/core';
import { type ApiKeys, closeRedis, createApiKeys, createRedis } from '@kpi/redis';
import {
  type ServiceContext,
  createLog,
  createMetrics,
  readConfig,
  systemClock,
} from '@kpi/runtime';

import { type ApiConfig, apiOptions } from './options.ts';
import { type ApiService, start } from './start.ts';

const QUIET = createLog({ name: 'test', level: 'silent' });
const RANDOM_BYTES = 6;

/** An API on real engines, with names nobody else has, and the stores behind it. */
export interface TestApi {
  readonly config: ApiConfig;
  readonly service: ApiService;
  readonly keys: ApiKeys;
  readonly history: History;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Start an API on the engines of the environment; its history has no tables yet. `overrides` are environment variables. */
export async function startTestApi(
  overrides: Readonly<Record<string, string>> = {},
): Promise<TestApi> {
  const id = `t${randomBytes(RANDOM_BYTES).toString('hex')}`;
  const names = { KPI_REDIS_PREFIX: id, KPI_CLICKHOUSE_DATABASE: id, KPI_HTTP_PORT: '0' };
  const own = readConfig(apiOptions, { ...process.env, ...names });
  const config = readConfig(apiOptions, { ...process.env, ...names, ...overrides });
  const client = await createRedis(own, QUIET);
  const keys = createApiKeys({ client, prefix: id, areRequired: true, clock: systemClock });
  const history = createHistory(own, QUIET);
  const service = await start(config, testContext());
  return {
    config,
    service,
    keys,
    history,
    get: (path, headers = {}) => get(`${service.url}${path}`, headers),
    async close() {
      await service.close();
      await client.del(`${id}:api-keys`);
      await Promise.all([closeRedis(client), history.close(), dropDatabase(own)]);
    },
  };
}

export function testContext(): ServiceContext {
  return {
    log: QUIET,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => {
      throw error;
    },
  };
}

/** A CSAT answer in whole: 5 of 5 in the context `general`, unless said otherwise. */
export function answer(
  fields: Pick<SurveyResponseSubmitted, 'event_id' | 'occurred_at' | 'tenant_id'> &
    Partial<SurveyResponseSubmitted>,
): SurveyResponseSubmitted {
  return {
    event_type: 'survey.response_submitted',
    schema_version: 1,
    source: 'test',
    source_event_type: null,
    source_version: 0,
    received_at: fields.occurred_at,
    account_id: 'acme',
    user_id: fields.event_id,
    anonymous_id: null,
    external_ids: {},
    retracts: null,
    pii_class: 'none',
    attributes: {},
    survey_id: 'csat',
    instance_id: fields.event_id,
    question_id: 'q1',
    kind: 'csat',
    score: 5,
    scale_min: 1,
    scale_max: 5,
    direction: null,
    context: 'general',
    subject_id: null,
    ...fields,
  };
}

async function get(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

async function dropDatabase(config: ApiConfig): Promise<void> {
  const body = `DROP DATABASE IF EXISTS ${config.KPI_CLICKHOUSE_DATABASE} SYNC`;
  await fetch(config.KPI_CLICKHOUSE_URL, { method: 'POST', body });
}
