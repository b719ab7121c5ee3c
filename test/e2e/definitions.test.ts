import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { runCli } from '@kpi/cli';
import { DAY_MS, type KpiEvent } from '@kpi/core';
import { ValueBoard } from '@kpi/redis';
import { createMetrics, pause, readConfig, systemClock } from '@kpi/runtime';
import { type Verification, openVerification } from '@kpi/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { untilCaughtUp } from '../faults/audit.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

/** Both ask the same of the same events; one of them changes what is meant. */
const CHANGED = 'acme';
const UNCHANGED = 'globex';
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const FILE = `completion:
  horizon: 14d
activation:
  key_actions: [connect_source, invite_user]
  mode: 1
`;
const SHORTER = `${FILE}regular_use:\n  blocks: 2\n`;

const VALUE = z.object({
  definition_version: z.int(),
  numerator: z.number(),
  denominator: z.number(),
});
const SERIES = z.object({ points: z.array(VALUE) });

let folder: string;
let pipeline: Pipeline;
let stage: Stage;
let api: ApiService;
let verification: Verification;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-definitions-'));
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
  await stage.start(['aggregate', 'archive'], {
    KPI_ARCHIVE_WAIT_MS: '100',
    KPI_ARCHIVE_KEEP_SECONDS: '1',
  });
  const { environment, config, log } = pipeline;
  api = await startApi(readConfig(apiOptions, { ...environment, KPI_HTTP_PORT: '0' }), {
    log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
  verification = await openVerification({ config, log, clock: systemClock });
  await pipeline.publish([...eventsOf(CHANGED), ...eventsOf(UNCHANGED)]);
  await untilCaughtUp(pipeline);
});

afterAll(async () => {
  await verification.close();
  await api.close();
  await stage.close();
  await rm(folder, { recursive: true });
});

/** Thirty runs: ten completed after 5 days, ten after 20, ten never. Four new accounts, three of which invited somebody. */
function eventsOf(tenantId: string): readonly KpiEvent[] {
  const enrolledAt = TODAY - 40 * DAY_MS;
  const createdAt = TODAY - 20 * DAY_MS;
  const runs = Array.from({ length: 30 }, (_, user) => {
    const who = { tenant_id: tenantId, user_id: `u${user}` };
    const completedAt = enrolledAt + (user < 10 ? 5 : 20) * DAY_MS;
    return [
      event('lms.course_enrolled', {
        ...who,
        event_id: `enrol-${user}`,
        occurred_at: enrolledAt,
        enrolment_id: `e-${user}`,
      }),
      ...(user < 20
        ? [
            event('lms.course_completed', {
              ...who,
              event_id: `complete-${user}`,
              occurred_at: completedAt,
            }),
          ]
        : []),
    ];
  });
  const accounts = Array.from({ length: 4 }, (_, account) => {
    const who = { tenant_id: tenantId, account_id: `a${account}` };
    return [
      event('account.created', { ...who, event_id: `create-${account}`, occurred_at: createdAt }),
      event('product.action_performed', {
        ...who,
        event_id: `action-${account}`,
        occurred_at: createdAt + DAY_MS,
        action: account < 3 ? 'invite_user' : 'open',
      }),
    ];
  });
  return [...runs.flat(), ...accounts.flat()];
}

async function ask<Answer>(tenantId: string, path: string, shape: z.ZodType<Answer>) {
  const response = await fetch(`${api.url}/v1/kpis/${path}`, {
    headers: { 'kpi-tenant': tenantId },
  });
  return shape.parse(await response.json());
}

function short({ definition_version: version, numerator, denominator }: z.infer<typeof VALUE>) {
  return `v${version} ${numerator}/${denominator}`;
}

/** What is answered now, and in history as of today, of both KPIs. */
async function answers(tenantId: string, version = ''): Promise<readonly string[]> {
  const kpis = ['course_completion_rate', 'activation_rate'];
  const now = await Promise.all(kpis.map((id) => ask(tenantId, id, VALUE)));
  const asOf = new Date(TODAY).toISOString();
  const then = await Promise.all(
    kpis.map((id) => ask(tenantId, `${id}/history?as_of=${asOf}${version}`, SERIES)),
  );
  return [...now, ...then.flatMap(({ points }) => points)].map(short);
}

async function kpi(
  ...words: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const terminal = (name: 'out' | 'err') => ({
    isTty: false,
    stream: process.stderr,
    write: (text: string) => void (written[name] += text),
  });
  const code = await runCli(words, {
    environment: pipeline.environment,
    stdin: (async function* () {})(),
    out: terminal('out'),
    err: terminal('err'),
    clock: systemClock,
    random: () => 0,
    signal: new AbortController().signal,
  });
  return { code, ...written };
}

async function file(text: string): Promise<string> {
  const path = join(folder, 'definitions.yaml');
  await writeFile(path, text);
  return path;
}

async function expectClean(): Promise<void> {
  expect(await verification.againstHistory()).toMatchObject({ disagreements: [], isClean: true });
  expect(await verification.againstLog()).toMatchObject({ disagreements: [], isClean: true });
  expect(stage.failures).toEqual([]);
}

const BY_DEFAULT = ['v1 20/30', 'v1 0/4', 'v1 20/30', 'v1 0/4'];
const BY_FILE = ['v2 10/30', 'v2 3/4', 'v2 10/30', 'v2 3/4'];

test('definitions that were applied change no value before everything is counted by them', async () => {
  await until('all is counted', async () => (await answers(CHANGED))[0] === BY_DEFAULT[0]);
  const applied = await kpi('config', 'apply', await file(FILE), '--tenant', CHANGED);
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('is not in force yet: values are those of the defaults until');
  expect(await answers(CHANGED)).toEqual(BY_DEFAULT);
  expect(await answers(UNCHANGED)).toEqual(BY_DEFAULT);
  const shown = await kpi('config', 'show', '--tenant', CHANGED);
  expect(shown.out).toContain(FILE.trimEnd());
});

test('what they will say can be asked of history already', async () => {
  const [, , ...then] = await answers(CHANGED, '&definition_version=2');
  expect(then).toEqual(BY_FILE.slice(2));
});

test('while a store is counted by them values are those of before, and then all of them are new', async () => {
  const done = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    while (!done.signal.aborted) {
      seen.push(short(await ask(CHANGED, 'course_completion_rate', VALUE)));
      await pause(10);
    }
  })();
  const path = await file(FILE);
  const applied = await kpi('config', 'apply', path, '--tenant', CHANGED, '--rebuild');
  expect(applied).toMatchObject({ code: 0 });
  expect(applied.out).toContain(`Change 1 of ${CHANGED}`);
  expect(applied.out).toContain('is in force.');
  await until('readers have moved over', () => seen.at(-1) === BY_FILE[0]);
  done.abort();
  await reading;
  const switchedAt = seen.indexOf(BY_FILE[0] ?? '');
  expect(switchedAt).toBeGreaterThan(10);
  expect(new Set(seen.slice(0, switchedAt))).toEqual(new Set([BY_DEFAULT[0]]));
  expect(new Set(seen.slice(switchedAt))).toEqual(new Set([BY_FILE[0]]));
});

test('live, history and recounts agree for both tenants, each by its own definitions', async () => {
  expect(await answers(CHANGED)).toEqual(BY_FILE);
  expect(await answers(UNCHANGED)).toEqual(BY_DEFAULT);
  await expectClean();
});

test('what was counted before is answered as it was', async () => {
  const [, , ...then] = await answers(CHANGED, '&definition_version=1');
  expect(then).toEqual(BY_DEFAULT.slice(2));
});

test('values are published anew with their version', async () => {
  const board = new ValueBoard({
    client: pipeline.redis,
    prefix: pipeline.config.KPI_REDIS_PREFIX,
  });
  const versions = async (tenantId: string) => {
    const { values } = await board.current();
    return new Set(
      [...values]
        .filter(([address]) => address.startsWith(tenantId))
        .map(
          ([, json]) =>
            VALUE.pick({ definition_version: true }).parse(JSON.parse(json)).definition_version,
        ),
    );
  };
  await until('all are of the new version', async () => {
    const found = await versions(CHANGED);
    return found.size === 1 && found.has(2);
  });
  expect(await versions(UNCHANGED)).toEqual(new Set([1]));
});

test('events that arrive later are counted by them; a second change has the next version', async () => {
  await pipeline.publish([
    event('product.action_performed', {
      event_id: 'action-late',
      occurred_at: TODAY - 19 * DAY_MS,
      tenant_id: CHANGED,
      account_id: 'a3',
      action: 'invite_user',
    }),
  ]);
  await untilCaughtUp(pipeline);
  await until('it is counted', async () => (await answers(CHANGED))[1] === 'v2 4/4');
  const path = await file(SHORTER);
  const applied = await kpi(
    'config',
    'apply',
    path,
    '--tenant',
    CHANGED,
    '--rebuild',
    '--from',
    'clickhouse',
  );
  expect(applied.out).toContain(`Change 2 of ${CHANGED}`);
  await until('readers have moved over', async () => (await answers(CHANGED))[0] === 'v3 10/30');
  expect(await answers(CHANGED)).toEqual(['v3 10/30', 'v3 4/4', 'v3 10/30', 'v3 4/4']);
  const [, , ...first] = await answers(CHANGED, '&definition_version=1');
  expect(first).toEqual(['v1 20/30', 'v1 0/4']);
  await expectClean();
});
