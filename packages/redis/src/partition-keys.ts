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

/** Makes the fields of deltas: number of the series and boundary, both short. Many series share few boundaries. */
export function deltaFields(): (series: number, boundary: number) => string {
  const boundaries = new Map<number, string>();
  return (series, boundary) => {
    let text = boundaries.get(boundary);
    if (text === undefined) {
      text = `:${boundary.toString(FIELD_BASE)}`;
      boundaries.set(boundary, text);
    }
    return series.toString(FIELD_BASE) + text;
  };
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
