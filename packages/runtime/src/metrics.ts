import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';

/** Telemetry of one process, in the Prometheus text format. */
export type Metrics = Registry;

/** Buckets of times from an event's arrival on: the goals are 0.5 s at the median and 2 s at p99. */
export const FRESHNESS_BUCKETS_S: number[] = [
  0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 3_600,
];

/** What values of a label beyond the limit are called. */
const OTHERS = 'others';

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Values of a label that come from outside: the first `valuesMax` different ones keep their name, all others share one, so
 * that nobody outside decides how many series there are.
 */
export function boundedLabel(valuesMax: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= valuesMax) return OTHERS;
    known.add(value);
    return value;
  };
}

/** A gauge that is read whenever metrics are. What it no longer reports vanishes. */
export interface WatchedGauge<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
  readonly read: () => readonly WatchedValue<Label>[];
}

export interface WatchedValue<Label extends string> {
  readonly labels?: Readonly<Partial<Record<Label, string>>>;
  readonly value: number;
}

export function watchGauge<Label extends string = never>(
  registry: Metrics,
  { name, help, labelNames = [], read }: WatchedGauge<Label>,
): void {
  const gauge: Gauge<Label> = new Gauge<Label>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      gauge.reset();
      // A gauge without labels is reset to 0, which is a value: nothing to report must be nothing.
      if (labelNames.length === 0) gauge.remove();
      for (const { labels = {}, value } of read()) gauge.set(labels, value);
    },
  });
}
