/** What the page reads of a unit in `GET /v1/kpis/{id}/members`. */
export interface Member {
  readonly unit: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly counts: readonly {
    readonly component: string;
    readonly weight: number;
    readonly dimensions: Readonly<Record<string, string>>;
  }[];
  readonly reason: { readonly code: string; readonly text: string } | null;
}

export interface Members {
  readonly withheld: boolean;
  readonly members: readonly Member[];
  readonly next: string | null;
}

/** Rows that somebody reads; the command line writes all of them. */
const ROWS = 20;

/** The question for those who count in a value, or for all others. */
export function membersPath(
  id: string,
  { window, isCounted }: { readonly window: string; readonly isCounted: boolean },
): string {
  return `/v1/kpis/${id}/members?window=${window}&counted=${isCounted}&limit=${ROWS}`;
}

/** What a unit counts in, added up: `enrolled`, `current 1,250 EUR` and the like; a single unit is no number worth telling. */
export function countsText({ counts }: Member): string {
  const sums = new Map<string, { component: string; currency: string; sum: number }>();
  for (const { component, weight, dimensions } of counts) {
    const { currency = '' } = dimensions;
    const name = `${component} ${currency}`;
    const known = sums.get(name) ?? { component, currency, sum: 0 };
    sums.set(name, { ...known, sum: known.sum + weight });
  }
  return [...sums.values()]
    .map(({ component, currency, sum }) =>
      [component, sum === 1 ? '' : sum.toLocaleString('en-US'), currency]
        .filter((part) => part !== '')
        .join(' '),
    )
    .join(', ');
}
