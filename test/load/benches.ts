import { type Bench } from './define-bench.ts';
import { ingestBench } from './ingest-bench.ts';
import { logBench } from './log-bench.ts';

/** Every bench by the word that starts it. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  aggregate: logBench('aggregate'),
  archive: logBench('archive'),
  ingest: ingestBench,
};
