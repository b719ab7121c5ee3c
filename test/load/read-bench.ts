import { z } from 'zod';

import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { createApiClient } from './api-client.ts';
import { type Answered, askInTurn } from './ask-in-turn.ts';
import { COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { readHotFunctions } from './hot-functions.ts';
import { prepareLoad } from './load-process.ts';
import { percentilesOf } from './percentiles.ts';
import { newProfileDir } from './profile-dir.ts';
import { type LiveQuestion, QUESTION_KINDS, questionsOf } from './questions.ts';
import { circumstances, rounded } from './report.ts';
import { startServices } from './service-group.ts';
import { workload } from './workload.ts';
import { writeLog } from './write-log.ts';

const OPTIONS = z.object({
  events: atLeastOne(200_000, 'events counted before the reading begins'),
  rate: atLeastOne(1_000, 'events per second that arrive while values are read'),
  clients: atLeastOne(8, 'that ask at the same time'),
  requests: atLeastOne(10_000, 'questions in all'),
  ...COMMON_OPTIONS,
});

const PARTITIONS = 8;
const HOT_FUNCTIONS = 20;
const TENANT = 'default';
const COUNTED_MS_MAX = 300_000;
/** Longer than reading takes; the rest is cut off. */
const LOAD_S = 120;
const UNLIMITED = '100000000';

export const readBench = defineBench({
  summary:
    'live values over HTTP while events arrive: every KPI, window, dimension and some filters',
  options: OPTIONS,
  async run(settings, context) {
    const { clients, requests, rate, seed, accounts, events } = settings;
    const measuredOn = await circumstances(context.nowMs);
    const pipeline = await createPipeline(PARTITIONS);
    await write(pipeline, { seed, accounts, events, endMs: context.nowMs });
    const dir = await newProfileDir(settings['cpu-prof']);
    const services = startServices({
      services: ['ingest', 'aggregate', 'api'],
      environment: {
        ...pipeline.environment,
        KPI_HTTP_PORT: '0',
        KPI_API_REQUESTS_PER_MINUTE: UNLIMITED,
      },
      config: pipeline.config,
      ...(dir !== undefined && { profile: { service: 'api', dir } }),
    });
    try {
      const apiUrl = await services.urlOf('api');
      const api = createApiClient(apiUrl, { tenantId: TENANT, connections: clients });
      context.onProgress(`counting ${events} events`);
      const isCounted = async (): Promise<boolean> => (await api.eventsCounted()) >= events;
      await until('all events are counted', isCounted, COUNTED_MS_MAX);
      const kpis = await api.catalogue();
      const questions = questionsOf(kpis.filter((kpi) => kpi.served_from === 'live'));
      const load = await prepareLoad({
        url: await services.urlOf('ingest'),
        seed: seed + 1,
        accounts,
        endMs: context.nowMs,
        events: rate * LOAD_S,
        eventsPerRequest: Math.min(50, rate),
        connections: 4,
        eventsPerSecond: rate,
      });
      const ask = ({ path }: LiveQuestion) => api.values(path);
      await askInTurn(questions, { clients, requests: questions.length }, ask);
      const before = await api.eventsCounted();
      // Cut off with the bench: it is there to keep the numbers moving.
      void load.run().catch(() => undefined);
      const moves = async (): Promise<boolean> => (await api.eventsCounted()) > before;
      await until('events arrive', moves, COUNTED_MS_MAX);
      context.onProgress(`asking ${requests} of ${questions.length} questions`);
      const endMeter = await services.meter();
      const begun = performance.now();
      const answers = await askInTurn(questions, { clients, requests }, ask);
      const seconds = (performance.now() - begun) / 1_000;
      const coresUsed = await endMeter();
      const arrived = (await api.eventsCounted()) - before;
      load.close();
      const unavailable = answers.filter(({ answer }) => answer === undefined).length;
      const history = answers.filter(({ answer }) =>
        answer?.some((value) => value.served_from !== 'live'),
      ).length;
      const isRight = history === 0 && unavailable === 0 && arrived > 0;
      const report = {
        service: 'read',
        circumstances: measuredOn,
        settings,
        requestsPerSecond: Math.round(answers.length / seconds),
        ms: Object.fromEntries(
          QUESTION_KINDS.map((kind) => [
            kind,
            percentilesOf(answers.filter((one) => one.question.kind === kind).map(({ ms }) => ms)),
          ]),
        ),
        /** What an answer costs the api process, following the store included. */
        cpuMsPerAnswer: rounded(((coresUsed['api'] ?? 0) * seconds * 1_000) / answers.length),
        slowest: slowestOf(answers),
        eventsArrived: arrived,
        coresUsed,
        peakMiB: await services.peakMiB(),
        result: {
          isRight,
          compared: `${answers.length} answers: ${history} not from the live store, ${unavailable} times 503`,
        },
      };
      await services.stop();
      await api.close();
      const hot =
        dir === undefined ? {} : { hotFunctions: await readHotFunctions(dir, HOT_FUNCTIONS) };
      return { report: { ...report, ...hot }, isRight };
    } finally {
      await services.stop();
      await pipeline.close();
    }
  },
});

async function write(pipeline: Pipeline, options: Parameters<typeof workload>[0]): Promise<void> {
  await writeLog(pipeline, workload(options), () => undefined);
}

const SLOWEST = 5;

/** The questions with the slowest median. */
function slowestOf(answers: readonly Answered<LiveQuestion, unknown>[]) {
  return [...Map.groupBy(answers, ({ question }) => question.path)]
    .map(([path, times]) => ({ path, ms: percentilesOf(times.map(({ ms }) => ms)) }))
    .toSorted((a, b) => b.ms.p50 - a.ms.p50)
    .slice(0, SLOWEST);
}
