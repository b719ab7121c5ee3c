import { Counter, Gauge, Histogram, type Metrics } from '@kpi/runtime';

/** Lag of one topic partition. */
interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
}

export interface AggregateMetrics {
  readonly events: Counter<'topic'>;
  readonly refused: Counter<'topic'>;
  readonly batchSeconds: Histogram;
  /** Report lag whenever metrics are read. */
  observeLag(read: () => readonly Lag[]): void;
}

export function createAggregateMetrics(registry: Metrics): AggregateMetrics {
  const registers = [registry];
  return {
    events: new Counter({
      name: 'kpi_aggregate_events_total',
      help: 'Events applied to the live store.',
      labelNames: ['topic'],
      registers,
    }),
    refused: new Counter({
      name: 'kpi_aggregate_refused_total',
      help: 'Records that could not be read and went to the dead letters.',
      labelNames: ['topic'],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'kpi_aggregate_batch_seconds',
      help: 'Time to compute and apply one batch.',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    observeLag: (read) => {
      const gauge = new Gauge({
        name: 'kpi_aggregate_lag_events',
        help: 'Events of the log not yet applied.',
        labelNames: ['topic', 'partition'],
        registers,
        collect: () => {
          for (const { topic, partition, lag } of read())
            gauge.set({ topic, partition: String(partition) }, lag);
        },
      });
    },
  };
}
