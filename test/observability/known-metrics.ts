import { type Metrics } from '@kpi/runtime';
import { z } from 'zod';

import { type KnownMetrics } from './promql.ts';

/** A metric as its client library keeps it: labels are declared, whether or not anything has been counted yet. */
const DECLARED = z.object({
  name: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
  labelNames: z.array(z.string()),
});

const LINE = /^# TYPE (?<name>\w+) /gm;

/** What a scrape offers. Throws when a declared metric is not in it: then it is not what Prometheus would see. */
export function knownMetrics(metrics: Metrics, scrape: string): KnownMetrics {
  const scraped = new Set([...scrape.matchAll(LINE)].map(({ groups }) => groups?.['name'] ?? ''));
  return new Map(
    metrics.getMetricsAsArray().flatMap((metric) => {
      const { name, type, labelNames } = DECLARED.parse({ ...metric });
      if (!scraped.has(name)) throw new Error(`${name} is declared but not scraped`);
      const labels = new Set(labelNames);
      if (type !== 'histogram') return [[name, labels] as const];
      return [
        [`${name}_bucket`, new Set([...labels, 'le'])] as const,
        [`${name}_sum`, labels] as const,
        [`${name}_count`, labels] as const,
      ];
    }),
  );
}
