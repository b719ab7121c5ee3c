import type { LiveView, RedisServer, VerifyResult } from '@kpi/redis';
import {
  type Clock,
  Counter,
  FRESHNESS_BUCKETS_S,
  Histogram,
  type Metrics,
  boundedLabel,
  watchGauge,
} from '@kpi/runtime';

import { type CurrentValues, watchValues } from './value-metrics.ts';

/** Telemetry that the api is told; the rest it reads from {@link Watched}. */
export interface ApiMetrics {
  readonly verifyFailures: Counter<'code'>;
  /** A batch came into the live view; its first record arrived in the log at this time, ms. */
  countArrival(arrivedAt: number): void;
}

/** What is read whenever metrics are. */
export interface Watched {
  readonly publications: CurrentValues;
  readonly view: Pick<LiveView, 'freshAt' | 'tenants' | 'sources'>;
  readonly store: { readonly servers: readonly RedisServer[] };
  readonly verify: { readonly last: VerifyResult | undefined };
}

/** Sources are named by whoever sends: beyond so many they share one label. */
const SOURCES_MAX = 50;

export function createApiMetrics(registry: Metrics, clock: Clock): ApiMetrics {
  const registers = [registry];
  const visible = new Histogram({
    name: 'kpi_api_visible_latency_seconds',
    help: 'From the arrival of the oldest record of a batch in the log until answers count it.',
    buckets: FRESHNESS_BUCKETS_S,
    registers,
  });
  return {
    verifyFailures: new Counter<'code'>({
      name: 'kpi_api_verify_failures_total',
      help: 'Scheduled verifications of this process that could not be finished, by fault code.',
      labelNames: ['code'],
      registers,
    }),
    countArrival: (arrivedAt) => visible.observe(Math.max(0, clock() - arrivedAt) / 1_000),
  };
}

/** Report what is watched whenever metrics are read. */
export function watch(registry: Metrics, watched: Watched, clock: Clock): void {
  const { view, publications, store, verify } = watched;
  watchGauge(registry, {
    name: 'kpi_api_view_age_seconds',
    help: 'Since the live numbers of this process last agreed with the live store.',
    read: () => [{ value: (clock() - view.freshAt) / 1_000 }],
  });
  watchSources(registry, view, clock);
  watchStore(registry, store);
  watchValues(registry, publications);
  watchVerify(registry, verify, clock);
}

function watchSources(registry: Metrics, view: Watched['view'], clock: Clock): void {
  const sourceLabel = boundedLabel(SOURCES_MAX);
  watchGauge(registry, {
    name: 'kpi_api_source_age_seconds',
    help: 'Since the latest event of a source, of any tenant, by event time.',
    labelNames: ['source'],
    read: () => {
      const latest = new Map<string, number>();
      for (const tenant of view.tenants())
        for (const [source, at] of view.sources(tenant)) {
          const label = sourceLabel(source);
          latest.set(label, Math.max(at, latest.get(label) ?? at));
        }
      return [...latest].map(([source, at]) => ({
        labels: { source },
        value: (clock() - at) / 1_000,
      }));
    },
  });
}

function watchStore(registry: Metrics, store: Watched['store']): void {
  const sum = (name: string, help: string, of: (server: RedisServer) => number): void =>
    watchGauge(registry, {
      name: `kpi_api_store_${name}`,
      help,
      read: () =>
        store.servers.length === 0
          ? []
          : [{ value: store.servers.reduce((total, server) => total + of(server), 0) }],
    });
  sum(
    'used_bytes',
    'Memory of the live store, over all its servers.',
    (server) => server.usedBytes,
  );
  sum('max_bytes', 'Its limit (maxmemory); 0: none but the machines.', (server) => server.maxBytes);
  sum(
    'evicted_keys',
    'Keys it threw away since it started: must be 0.',
    (server) => server.evictedKeys,
  );
  sum(
    'evicting_servers',
    'Servers whose policy allows them to throw keys away: must be 0.',
    (server) => (server.policy === undefined || server.policy === 'noeviction' ? 0 : 1),
  );
}

function watchVerify(registry: Metrics, verify: Watched['verify'], clock: Clock): void {
  const last = (name: string, help: string, of: (result: VerifyResult) => number): void =>
    watchGauge(registry, {
      name: `kpi_api_verify_${name}`,
      help,
      read: () => (verify.last === undefined ? [] : [{ value: of(verify.last) }]),
    });
  last(
    'differences',
    'Values and partitions that differed in the last verification, of any process or command: must be 0.',
    (result) => result.disagreements + result.unequal_partitions,
  );
  last(
    'age_seconds',
    'Since the last verification that was finished.',
    ({ at }) => (clock() - at) / 1_000,
  );
  last('questions', 'Questions of the last verification.', ({ questions }) => questions);
  last('took_seconds', 'Time that the last verification took.', (result) => result.took_ms / 1_000);
}
