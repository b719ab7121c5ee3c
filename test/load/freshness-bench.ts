import { pause } from '@kpi/runtime';
import { z } from 'zod';

import { eventJson } from '../support/event-json.ts';
import { createPipeline, until } from '../support/pipeline.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { readHotFunctions } from './hot-functions.ts';
import { prepareLoad } from './load-process.ts';
import { percentilesOf } from './percentiles.ts';
import { PROBE_KPI, Sightings, probeEvent } from './probe.ts';
import { newProfileDir } from './profile-dir.ts';
import { circumstances } from './report.ts';
import { startServices } from './service-group.ts';
import { followStream } from './stream-client.ts';

const OPTIONS = z.object({
  rate: atLeastOne(5_000, 'events per second'),
  seconds: atLeastOne(60, 'for which they are sent'),
  batch: atLeastOne(50, 'events of a request'),
  connections: atLeastOne(16, 'clients that send'),
  'probe-ms': atLeastOne(330, 'between two probes, no multiple of any interval of the services'),
  ...COMMON_OPTIONS,
});

const PARTITIONS = 8;
const HOT_FUNCTIONS = 20;
const PROBE_TENANT = 'probe';
/** Between two looks at the API: what a figure may be too large by. */
const LOOK_MS = 20;
/** The first seconds start the code of new processes and are not measured. */
const WARM_UP_S = 10;
/** Everything must be visible at last. */
const VISIBLE_MS_MAX = 120_000;
const UNLIMITED = '100000000';

export const freshnessBench = defineBench({
  summary: 'from 202 to visible, in the API and on the stream, while events arrive steadily',
  options: OPTIONS,
  async run(settings, context) {
    const measuredOn = await circumstances(context.nowMs);
    const pipeline = await createPipeline(PARTITIONS);
    const dir = await newProfileDir(settings['cpu-prof']);
    const services = startServices({
      services: ['ingest', 'aggregate', 'api'],
      environment: {
        ...pipeline.environment,
        KPI_HTTP_PORT: '0',
        KPI_API_REQUESTS_PER_MINUTE: UNLIMITED,
      },
      config: pipeline.config,
      ...(dir !== undefined && { profile: { service: 'aggregate', dir } }),
    });
    const stop = new AbortController();
    try {
      const [ingestUrl, apiUrl] = await Promise.all([
        services.urlOf('ingest'),
        services.urlOf('api'),
      ]);
      const api = createApiClient(apiUrl, { tenantId: PROBE_TENANT, connections: 2 });
      const probes = startProbes({ ingestUrl, apiUrl, api, stop: stop.signal });
      await probes.sendOne();
      await until('the first probe is visible', () => probes.isAllSeen(), VISIBLE_MS_MAX);
      const { rate, seconds, batch, connections, seed, accounts } = settings;
      const load = await prepareLoad({
        url: ingestUrl,
        seed,
        accounts,
        endMs: context.nowMs,
        events: rate * (seconds + WARM_UP_S),
        eventsPerRequest: batch,
        connections,
        eventsPerSecond: rate,
      });
      context.onProgress(`sending ${rate} events per second for ${seconds} s`);
      const sending = load.run();
      const hasEnded = sending.then(() => true);
      await pause(WARM_UP_S * 1_000);
      const measuredFrom = probes.sent;
      const endMeter = await services.meter();
      while (!(await Promise.race([hasEnded, pause(settings['probe-ms']).then(() => false)])))
        await probes.sendOne();
      const coresUsed = await endMeter();
      const loadResult = await sending;
      services.assertRun();
      await until('every probe is visible', () => probes.isAllSeen(), VISIBLE_MS_MAX);
      const isRight =
        loadResult.accepted === rate * (seconds + WARM_UP_S) &&
        (await probes.visible()) === probes.sent;
      const report = {
        service: 'freshness',
        circumstances: measuredOn,
        settings,
        load: {
          eventsPerSecond: Math.round(loadResult.accepted / loadResult.seconds),
          latencyMs: loadResult.latencyMs,
        },
        probes: probes.sent - measuredFrom,
        /** From the 202 of a probe to its first sight. */
        apiMs: percentilesOf(probes.inApi.delaysMs.slice(measuredFrom)),
        streamMs: percentilesOf(probes.onStream.delaysMs.slice(measuredFrom)),
        probeMs: percentilesOf(probes.answerMs.slice(measuredFrom)),
        looksUnavailable: probes.unavailable,
        coresUsed,
        peakMiB: await services.peakMiB(),
        result: {
          isRight,
          compared: `${loadResult.accepted} events accepted, ${probes.inApi.count} of ${probes.sent} probes counted`,
        },
      };
      stop.abort();
      await services.stop();
      await api.close();
      const hot =
        dir === undefined ? {} : { hotFunctions: await readHotFunctions(dir, HOT_FUNCTIONS) };
      return { report: { ...report, ...hot }, isRight };
    } finally {
      stop.abort();
      await services.stop();
      await pipeline.close();
    }
  },
});

interface Probes {
  /** Send the next probe and wait for its 202. */
  sendOne(): Promise<void>;
  readonly sent: number;
  readonly inApi: Sightings;
  readonly onStream: Sightings;
  /** How long ingest took to acknowledge each. */
  readonly answerMs: readonly number[];
  isAllSeen(): boolean;
  /** Looks that the API answered with 503: its numbers stood still for ten seconds. */
  readonly unavailable: number;
  /** Probes that the API counts now. */
  visible(): Promise<number>;
}

/** Look at the API and the stream all the time until the signal aborts. */
function startProbes(options: {
  readonly ingestUrl: string;
  readonly apiUrl: string;
  readonly api: ApiClient;
  readonly stop: AbortSignal;
}): Probes {
  const { ingestUrl, apiUrl, api, stop } = options;
  const acknowledgedAt: number[] = [];
  const answerMs: number[] = [];
  const inApi = new Sightings(acknowledgedAt);
  const onStream = new Sightings(acknowledgedAt);
  let unavailable = 0;
  const visible = async (): Promise<number> => {
    const values = await api.values(`/v1/kpis/${PROBE_KPI}`);
    if (values === undefined) unavailable += 1;
    return values?.[0]?.n ?? 0;
  };
  const look = async (): Promise<void> => {
    while (!stop.aborted) {
      inApi.see(await visible(), performance.now());
      await pause(LOOK_MS, stop);
    }
  };
  void look().catch(failLoudly);
  // Of the total and its groups the total is the largest.
  const onValue = ({ kpi_id: id, n }: { kpi_id: string; n: number | null }): void => {
    if (id === PROBE_KPI) onStream.see(n ?? 0, performance.now());
  };
  void followStream({ url: apiUrl, tenantId: PROBE_TENANT, signal: stop, onValue }).catch(
    failLoudly,
  );
  function failLoudly(error: unknown): void {
    if (!stop.aborted) throw error;
  }
  return {
    async sendOne() {
      const begun = performance.now();
      const number = acknowledgedAt.length;
      const response = await fetch(`${ingestUrl}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'kpi-tenant': PROBE_TENANT },
        body: JSON.stringify(eventJson(probeEvent(number, Date.now()))),
      });
      await response.body?.cancel();
      if (response.status !== 202) throw new Error(`a probe was answered ${response.status}`);
      acknowledgedAt.push(performance.now());
      answerMs.push(performance.now() - begun);
    },
    get sent() {
      return acknowledgedAt.length;
    },
    get unavailable() {
      return unavailable;
    },
    inApi,
    onStream,
    answerMs,
    isAllSeen: () =>
      inApi.count === acknowledgedAt.length && onStream.count === acknowledgedAt.length,
    visible,
  };
}
