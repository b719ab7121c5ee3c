import { type Bench } from './define-bench.ts';
import { freshnessBench } from './freshness-bench.ts';
import { historyBench } from './history-bench.ts';
import { ingestBench } from './ingest-bench.ts';
import { logBench } from './log-bench.ts';
import { memoryBench } from './memory-bench.ts';
import { readBench } from './read-bench.ts';
import { scaleBench } from './scale-bench.ts';

/** Every bench by the word that starts it. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  aggregate: logBench('aggregate'),
  archive: logBench('archive'),
  freshness: freshnessBench,
  history: historyBench,
  ingest: ingestBench,
  memory: memoryBench,
  read: readBench,
  scale: scaleBench,
};
