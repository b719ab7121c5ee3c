/** Memory of one process at one moment. */
export interface MemorySample {
  readonly name: string;
  /** From 1. */
  readonly minute: number;
  readonly mib: number;
}

/** Memory of one process over one minute, MiB. */
export interface MemoryRow {
  readonly name: string;
  readonly minute: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Samples by process and minute. */
export function memoryRows(samples: readonly MemorySample[]): readonly MemoryRow[] {
  const groups = Map.groupBy(samples, ({ name, minute }) => `${name} ${minute}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const sorted = group.map(({ mib }) => Math.round(mib)).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return [{ name: first.name, minute: first.minute, min: at(0), median: at(0.5), max: at(1) }];
  });
}

/** A Markdown table with a row per minute and a column per process: least, median and most MiB. */
export function memoryTable(rows: readonly MemoryRow[]): readonly string[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  const minutes = [...new Set(rows.map(({ minute }) => minute))].toSorted((a, b) => a - b);
  const cell = (name: string, minute: number): string => {
    const row = rows.find((one) => one.name === name && one.minute === minute);
    return row === undefined ? '–' : `${row.min} / ${row.median} / ${row.max}`;
  };
  return [
    `| minute | ${names.join(' | ')} |`,
    `|${'---|'.repeat(names.length + 1)}`,
    ...minutes.map(
      (minute) => `| ${minute} | ${names.map((name) => cell(name, minute)).join(' | ')} |`,
    ),
  ];
}
