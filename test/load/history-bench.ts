import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { type History, createHistory } from '@kpi/clickhouse';
import { DAY_MS, DEFAULT_DEFINITIONS, KPIS, type KpiQuery, days } from '@kpi/core';
import { z } from 'zod';

import { createPipeline } from '../support/pipeline.ts';
import { createApiClient } from './api-client.ts';
import { askComparisons } from './ask-comparisons.ts';
import { type Answered, askInTurn } from './ask-in-turn.ts';
import { COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { engineCpuSeconds, engineProcesses } from './engine-usage.ts';
import { boundOf, fillHistory } from './fill-history.ts';
import { readHotFunctions } from './hot-functions.ts';
import { percentilesOf } from './percentiles.ts';
import { newProfileDir } from './profile-dir.ts';
import { type LiveQuestion, questionsOf } from './questions.ts';
import { circumstances, rounded } from './report.ts';
import { startServices } from './service-group.ts';

const OPTIONS = z.object({
  events: atLeastOne(2_000_000, 'events in history'),
  days: atLeastOne(180, 'of event time that they cover'),
  clients: atLeastOne(1, 'that ask at the same time'),
  requests: atLeastOne(500, 'questions in all'),
  ...COMMON_OPTIONS,
});

const PARTITIONS = 8;
const TENANT = 'default';
const HOT_FUNCTIONS = 20;
const UNLIMITED = '100000000';
const POINTS = 90;
/** Deriving all of more events at one question takes longer than a client waits. */
const DERIVED_EVENTS_MAX = 5_000_000;

export const historyBench = defineBench({
  summary: '90 days by day of every KPI, window, dimension and some filters, over HTTP',
  options: OPTIONS,
  async run(settings, context) {
    const { events, accounts, seed, clients, requests } = settings;
    const measuredOn = await circumstances(context.nowMs);
    const pipeline = await createPipeline(PARTITIONS);
    const { config } = pipeline;
    const history = createHistory(config, pipeline.log);
    const dir = await newProfileDir(settings['cpu-prof']);
    const services = startServices({
      services: ['api'],
      environment: {
        ...pipeline.environment,
        KPI_HTTP_PORT: '0',
        KPI_API_REQUESTS_PER_MINUTE: UNLIMITED,
      },
      config,
      ...(dir !== undefined && { profile: { service: 'api', dir } }),
    });
    const pids = await engineProcesses(config);
    /** Time of some work, and CPU time of ClickHouse. */
    const cost = async (work: () => Promise<unknown>) => {
      const begun = performance.now();
      const before = await engineCpuSeconds(pids);
      await work();
      const after = await engineCpuSeconds(pids);
      return {
        seconds: rounded((performance.now() - begun) / 1_000),
        clickhouseCpuSeconds: rounded((after.clickhouse ?? 0) - (before.clickhouse ?? 0)),
      };
    };
    try {
      await history.migrate();
      const filling = await cost(() =>
        fillHistory(config, {
          events,
          accounts,
          seed,
          spanMs: days(settings.days),
          endMs: context.nowMs,
          onProgress: (done) => context.onProgress(`${done} of ${events} events written`),
        }),
      );
      context.onProgress('keeping units');
      const bound = boundOf(events);
      const keeping = await cost(() =>
        history.keep({ bound, generation: randomUUID(), nowMs: context.nowMs }),
      );
      const api = createApiClient(await services.urlOf('api'), {
        tenantId: TENANT,
        connections: clients,
      });
      const questions = questionsOf(await api.catalogue()).map(({ kind, path }) => ({
        kind,
        path: path.replace('?', '/history?'),
      }));
      const ask = ({ path }: LiveQuestion) => api.points(path);
      const first = await askInTurn(questions, { clients, requests: questions.length }, ask);
      context.onProgress(`asking ${requests} of ${questions.length} questions`);
      const endMeter = await services.meter();
      const begun = performance.now();
      const answers = await askInTurn(questions, { clients, requests }, ask);
      const seconds = (performance.now() - begun) / 1_000;
      const coresUsed = await endMeter();
      const perAnswer = (cores: number | null | undefined): number =>
        rounded(((cores ?? 0) * seconds * 1_000) / answers.length);
      context.onProgress('comparing trained with untrained time');
      // What was measured before is told, even if this cannot be.
      const comparison = await askComparisons(api, {
        nowMs: context.nowMs,
        spanDays: settings.days,
      }).catch((error: unknown) => ({ failed: String(error) }));
      context.onProgress('deriving answers from the events');
      const derived: Awaited<ReturnType<typeof compareWithEvents>>[] = [];
      if (events <= DERIVED_EVENTS_MAX)
        for (const { id } of KPIS)
          derived.push(await compareWithEvents(history, { kpiId: id, bound, ...context }));
      // Of what never happened there are no groups.
      const isEmpty = ({ question, answer }: (typeof answers)[number]): boolean =>
        answer === 0 && question.path.includes('by=');
      const empty = answers.filter(isEmpty).length;
      const short = answers.filter((one) => one.answer < POINTS && !isEmpty(one)).length;
      const wrong = derived.filter(({ isEqual }) => !isEqual).length;
      const report = {
        service: 'history',
        circumstances: measuredOn,
        settings,
        filling,
        keeping,
        questions: questions.length,
        requestsPerSecond: rounded(answers.length / seconds),
        /** Each question asked for the first time, code that is new included. */
        firstMs: percentilesOf(first.map(({ ms }) => ms)),
        firstMsByKpi: byKpi(first),
        /** Asked again, of the same generation of kept units. */
        againMs: percentilesOf(answers.map(({ ms }) => ms)),
        againMsByKpi: byKpi(answers),
        cpuMsPerAnswer: {
          clickhouse: perAnswer(coresUsed['clickhouse']),
          api: perAnswer(coresUsed['api']),
        },
        /** Trained against untrained time of all accounts, each over another window. */
        comparison,
        /** The same answers from the events: what a question costs without kept units. */
        derivedMs: Object.fromEntries(derived.map(({ kpiId, ms }) => [kpiId, Math.round(ms)])),
        peakMiB: await services.peakMiB(),
        result: {
          isRight: short === 0 && wrong === 0 && !('failed' in comparison),
          compared: `${answers.length} answers: ${short} with too few points, ${empty} without any group; ${derived.length} KPIs derived anew: ${wrong} differ`,
        },
      };
      await services.stop();
      await api.close();
      const hot =
        dir === undefined ? {} : { hotFunctions: await readHotFunctions(dir, HOT_FUNCTIONS) };
      return { report: { ...report, ...hot }, isRight: report.result.isRight };
    } finally {
      await services.stop();
      await history.close();
      await pipeline.close();
    }
  },
});

function byKpi(answers: readonly Answered<LiveQuestion, unknown>[]) {
  return Object.fromEntries(
    KPIS.map(({ id }) => [
      id,
      percentilesOf(
        answers.filter(({ question }) => question.path.includes(`/${id}`)).map(({ ms }) => ms),
      ),
    ]),
  );
}

/** Whether the events say of 90 days what the kept units say. */
async function compareWithEvents(
  history: History,
  asked: {
    readonly kpiId: string;
    readonly bound: Readonly<Record<string, number>>;
    readonly nowMs: number;
  },
) {
  const { kpiId, bound, nowMs } = asked;
  const midnight = nowMs - (nowMs % DAY_MS);
  const query: KpiQuery = {
    tenantId: TENANT,
    kpiId,
    windowMs: days(28),
    by: [],
    filter: {},
    asOf: Array.from({ length: POINTS }, (_, index) => midnight - index * DAY_MS).toReversed(),
    definitions: DEFAULT_DEFINITIONS,
  };
  const kept = await history.read(query);
  const begun = performance.now();
  const events = await history.read(query, { offsetBound: bound });
  return { kpiId, ms: performance.now() - begun, isEqual: isDeepStrictEqual(kept, events) };
}
