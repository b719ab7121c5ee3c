/** Keys of one partition. They share a hash tag, so one script may touch them all, on a cluster too. */
export interface PartitionKeys {
  readonly owner: string;
  readonly series: string;
  readonly deltas: string;
  readonly changes: string;
  readonly sources: string;
  readonly rates: string;
  readonly home: (homeKey: string) => string;
}

export function partitionKeys(prefix: string, partition: number): PartitionKeys {
  const tag = `${prefix}:{p${partition}}`;
  return {
    owner: `${tag}:owner`,
    series: `${tag}:series`,
    deltas: `${tag}:deltas`,
    changes: `${tag}:changes`,
    sources: `${tag}:sources`,
    rates: `${tag}:rates`,
    home: (homeKey) => `${tag}:home:${homeKey}`,
  };
}

const FIELD_BASE = 36;

/** Field of one delta: number of its series and its boundary, both short. */
export function deltaField(series: number, boundary: number): string {
  return `${series.toString(FIELD_BASE)}:${boundary.toString(FIELD_BASE)}`;
}

export function parseDeltaField(field: string): {
  readonly series: number;
  readonly boundary: number;
} {
  const [series = '', boundary = ''] = field.split(':');
  return {
    series: Number.parseInt(series, FIELD_BASE),
    boundary: Number.parseInt(boundary, FIELD_BASE),
  };
}
