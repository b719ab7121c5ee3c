/** Keys of one partition. They share a hash tag, so one script may touch them all, on a cluster too. */
export interface PartitionKeys {
  readonly owner: string;
  readonly series: string;
  readonly deltas: string;
  readonly changes: string;
  readonly sources: string;
  readonly statements: string;
  readonly home: (homeKey: string) => string;
}

/**
 * Keys of a partition in one generation of the live store. A rebuild fills the next generation beside the one that is read;
 * the first has no mark in its keys.
 */
export function partitionKeys(prefix: string, partition: number, generation = 0): PartitionKeys {
  const tag = `${prefix}:{p${partition}}${generation === 0 ? '' : `:g${generation}`}`;
  return {
    owner: `${tag}:owner`,
    series: `${tag}:series`,
    deltas: `${tag}:deltas`,
    changes: `${tag}:changes`,
    sources: `${tag}:sources`,
    statements: `${tag}:statements`,
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
  const at = field.indexOf(':');
  return {
    series: Number.parseInt(field.slice(0, at), FIELD_BASE),
    boundary: Number.parseInt(field.slice(at + 1), FIELD_BASE),
  };
}
