import { type ConsumerMetrics, type KeptLetter, createConsumerMetrics } from '@kpi/kafka';
import { Counter, Histogram, type Metrics } from '@kpi/runtime';

export interface ArchiveMetrics {
  readonly consumer: ConsumerMetrics;
  readonly rows: Counter;
  readonly insertRows: Histogram;
  /** Time of one insert, its plan and its commit. */
  readonly insertSeconds: Histogram;
  readonly keepSeconds: Histogram;
  /** A record that is no event lies in the dead letters. */
  countRefused(letter: KeptLetter): void;
}

export function createArchiveMetrics(registry: Metrics): ArchiveMetrics {
  const registers = [registry];
  const refused = new Counter({
    name: 'kpi_archive_refused_total',
    help: 'Records that are no events and were kept as dead letters, by fault code.',
    labelNames: ['topic', 'code'],
    registers,
  });
  return {
    consumer: createConsumerMetrics(registry, 'archive'),
    countRefused: ({ topic = 'none', code }) => refused.inc({ topic, code }),
    rows: new Counter({
      name: 'kpi_archive_rows_total',
      help: 'Rows inserted into the history store.',
      registers,
    }),
    insertRows: new Histogram({
      name: 'kpi_archive_insert_rows',
      help: 'Rows of one insert.',
      buckets: [1, 10, 100, 1_000, 10_000, 50_000, 100_000],
      registers,
    }),
    insertSeconds: new Histogram({
      name: 'kpi_archive_insert_seconds',
      help: 'Time of one insert, with the record of its plan and of its commit.',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
      registers,
    }),
    keepSeconds: new Histogram({
      name: 'kpi_archive_keep_seconds',
      help: 'Time of keeping the units of all KPIs once.',
      buckets: [1, 3, 10, 30, 100, 300, 1_000],
      registers,
    }),
  };
}
