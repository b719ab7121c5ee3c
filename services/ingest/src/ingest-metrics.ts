import { Counter, Histogram, type Metrics } from '@kpi/runtime';

/** Telemetry of ingest. Labels take few values: fault codes and areas, never anything a client sent. */
export interface IngestMetrics {
  readonly accepted: Counter<'area'>;
  readonly rejected: Counter<'code'>;
  readonly requestSeconds: Histogram<'status'>;
  readonly batchEvents: Histogram;
  readonly ackSeconds: Histogram;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const registers = [metrics];
  return {
    accepted: new Counter({
      name: 'kpi_ingest_accepted_total',
      help: 'Events acknowledged by the broker, by area.',
      labelNames: ['area'],
      registers,
    }),
    rejected: new Counter({
      name: 'kpi_ingest_rejected_total',
      help: 'Events refused and kept as dead letters, by fault code.',
      labelNames: ['code'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'kpi_ingest_request_seconds',
      help: 'From the read body to the answer.',
      labelNames: ['status'],
      buckets: SECONDS,
      registers,
    }),
    batchEvents: new Histogram({
      name: 'kpi_ingest_batch_events',
      help: 'Events per request.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
      registers,
    }),
    ackSeconds: new Histogram({
      name: 'kpi_ingest_ack_seconds',
      help: 'From handing records to the producer to the acknowledgement of all in-sync replicas.',
      buckets: SECONDS,
      registers,
    }),
  };
}
