import { Counter, Gauge, Histogram, type Metrics } from '@kpi/runtime';

/** Lag of one topic partition. */
interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
}

export interface ArchiveMetrics {
  readonly rows: Counter;
  readonly refused: Counter;
  readonly insertRows: Histogram;
  /** Report lag whenever metrics are read. */
  observeLag(read: () => readonly Lag[]): void;
}

export function createArchiveMetrics(registry: Metrics): ArchiveMetrics {
  const registers = [registry];
  return {
    rows: new Counter({
      name: 'kpi_archive_rows_total',
      help: 'Rows inserted into the history store.',
      registers,
    }),
    refused: new Counter({
      name: 'kpi_archive_refused_total',
      help: 'Records that could not be read and went to the dead letters.',
      registers,
    }),
    insertRows: new Histogram({
      name: 'kpi_archive_insert_rows',
      help: 'Rows of one insert.',
      buckets: [1, 10, 100, 1_000, 10_000, 50_000, 100_000],
      registers,
    }),
    observeLag: (read) => {
      const gauge = new Gauge({
        name: 'kpi_archive_lag_events',
        help: 'Events of the log not yet taken over.',
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
