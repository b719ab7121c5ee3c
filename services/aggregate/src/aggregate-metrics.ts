import { type ConsumerMetrics, type KeptLetter, createConsumerMetrics } from '@kpi/kafka';
import { type LateEvents } from '@kpi/live';
import { parseSourceField } from '@kpi/redis';
import {
  Counter,
  FRESHNESS_BUCKETS_S,
  Gauge,
  Histogram,
  type Metrics,
  boundedLabel,
  watchGauge,
} from '@kpi/runtime';

/** What became of one batch. */
export interface CountedBatch {
  readonly topic: string;
  readonly events: number;
  /** Events that were known already. */
  readonly repeated: number;
  readonly late: LateEvents;
  /** Arrival of its first and last record, ms; undefined for a batch without records. */
  readonly arrival: { readonly first: number; readonly last: number } | undefined;
  readonly appliedAtMs: number;
  /** Latest `occurred_at` by source field. */
  readonly sources: ReadonlyMap<string, number>;
}

/** Telemetry of aggregate. Everything is counted once per batch, nothing once per event. */
export interface AggregateMetrics {
  readonly consumer: ConsumerMetrics;
  readonly batchSeconds: Histogram;
  readonly scriptSeconds: Histogram;
  readonly evaluator: EvaluatorMetrics;
  /** Ask from now on how many homes wait to be read again. */
  watchStale(count: () => number): void;
  /** A batch was applied. */
  countBatch(batch: CountedBatch): void;
  /** A record that is no event lies in the dead letters. */
  countRefused(letter: KeptLetter): void;
}

/** Telemetry of the one process of all that publishes. */
export interface EvaluatorMetrics {
  readonly evaluateSeconds: Histogram;
  readonly publishLatency: Histogram;
  readonly values: Counter;
  readonly failures: Counter<'code'>;
  readonly isPublishing: Gauge;
}

/** Sources are named by whoever sends: beyond so many they share one label. */
const SOURCES_MAX = 50;

export function createAggregateMetrics(registry: Metrics): AggregateMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'kpi_aggregate_events_total',
    help: 'Events applied to the live store.',
    labelNames: ['topic'],
    registers,
  });
  const refused = new Counter({
    name: 'kpi_aggregate_refused_total',
    help: 'Records that are no events and were kept as dead letters, by fault code.',
    labelNames: ['topic', 'code'],
    registers,
  });
  const repeated = new Counter({
    name: 'kpi_aggregate_repeated_total',
    help: 'Events whose key was known already: repetitions, which change nothing, and new versions.',
    labelNames: ['topic'],
    registers,
  });
  const late = new Counter({
    name: 'kpi_aggregate_late_total',
    help: 'Events that arrived after their bucket had closed. They correct the values they belong to.',
    labelNames: ['topic'],
    registers,
  });
  const beyondLive = new Counter({
    name: 'kpi_aggregate_late_beyond_live_total',
    help: 'Events too late for any live value of a KPI: only history is corrected.',
    labelNames: ['kpi'],
    registers,
  });
  const batchEvents = new Histogram({
    name: 'kpi_aggregate_batch_events',
    help: 'Events applied by one script.',
    buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000],
    registers,
  });
  const applyLatency = new Histogram({
    name: 'kpi_aggregate_apply_latency_seconds',
    help: 'From the arrival of the oldest record of a batch in the log until the batch is in the live store.',
    buckets: FRESHNESS_BUCKETS_S,
    registers,
  });
  const sourceDelay = new Histogram({
    name: 'kpi_aggregate_source_delay_seconds',
    help: 'Per batch and source: from the latest event until its record arrived in the log.',
    labelNames: ['source'],
    buckets: [0.1, 1, 5, 30, 60, 300, 1_800, 3_600, 21_600, 86_400, 604_800],
    registers,
  });
  const sourceLabel = boundedLabel(SOURCES_MAX);
  return {
    watchStale: (count) =>
      watchGauge(registry, {
        name: 'kpi_aggregate_stale_homes',
        help: 'Homes that wait to be read again from history, because activity of theirs was taken back or corrected.',
        labelNames: [],
        read: () => [{ labels: {}, value: count() }],
      }),
    consumer: createConsumerMetrics(registry, 'aggregate'),
    batchSeconds: new Histogram({
      name: 'kpi_aggregate_batch_seconds',
      help: 'Time to read, compute and apply one batch.',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    scriptSeconds: new Histogram({
      name: 'kpi_aggregate_script_seconds',
      help: 'Time of the script that applies a batch, with its way to Redis and back.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    evaluator: createEvaluatorMetrics(registers),
    countRefused: ({ topic = 'none', code }) => refused.inc({ topic, code }),
    countBatch(batch) {
      const { topic, arrival } = batch;
      events.inc({ topic }, batch.events);
      repeated.inc({ topic }, batch.repeated);
      late.inc({ topic }, batch.late.late);
      for (const [kpi, count] of batch.late.beyondLive) beyondLive.inc({ kpi }, count);
      batchEvents.observe(batch.events);
      if (arrival === undefined) return;
      applyLatency.observe(seconds(batch.appliedAtMs - arrival.first));
      for (const [field, at] of batch.sources) {
        const { source } = parseSourceField(field);
        sourceDelay.observe({ source: sourceLabel(source) }, seconds(arrival.last - at));
      }
    },
  };
}

function createEvaluatorMetrics(registers: Metrics[]): EvaluatorMetrics {
  return {
    evaluateSeconds: new Histogram({
      name: 'kpi_aggregate_evaluate_seconds',
      help: 'Time to compute every published value of all tenants.',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    publishLatency: new Histogram({
      name: 'kpi_aggregate_publish_latency_seconds',
      help: 'From the arrival of the oldest record of a batch in the log until the values with it are published.',
      buckets: FRESHNESS_BUCKETS_S,
      registers,
    }),
    values: new Counter({
      name: 'kpi_aggregate_values_total',
      help: 'Values published.',
      registers,
    }),
    failures: new Counter({
      name: 'kpi_aggregate_publish_failures_total',
      help: 'Times values could not be published, by fault code.',
      labelNames: ['code'],
      registers,
    }),
    isPublishing: new Gauge({
      name: 'kpi_aggregate_publishing',
      help: '1 in the process that holds the lease to publish.',
      registers,
    }),
  };
}

/** Clocks of two machines differ: what seems to arrive before it happened was not late. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
