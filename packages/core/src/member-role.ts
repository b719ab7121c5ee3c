import { type Kpi, type MeasureSum, leftOutOf } from './catalogue.ts';
import { type Definitions } from './definitions.ts';
import { type Components, type KpiVariant } from './kpi.ts';
import { MarginTable } from './margins.ts';
import { RateTable } from './rates.ts';
import { SpendTable } from './spend.ts';

/** What a component is to a value. A component may be several, as a sale of the former window is, or none. */
export const ROLES = ['numerator', 'denominator', 'n', 'immature', 'excluded'] as const;
export type Role = (typeof ROLES)[number];

/** Enough that no conversion rounds it away. */
const PROBE = 1_000n;

/**
 * The roles of each measure in a variant: a measure is in the numerator if a numerator of made-up sums changes with it, and
 * likewise for the denominator and n.
 */
export function rolesOf(
  kpi: Kpi,
  variant: KpiVariant,
  definitions: Definitions,
): ReadonlyMap<string, readonly Role[]> {
  const measures = Object.keys(kpi.measures);
  const { immature, excluded } = leftOutOf(kpi, variant);
  const base = probe(
    kpi,
    definitions,
    measures.map((measure) => [measure, PROBE]),
  );
  const roles = measures.map((measure) => {
    const others = [0n, 2n * PROBE].map((sum) =>
      probe(
        kpi,
        definitions,
        measures.map((one) => [one, one === measure ? sum : PROBE]),
      ),
    );
    const moves = (read: (components: Components) => bigint): boolean =>
      others.some((components) => read(components) !== read(base));
    const held: readonly (readonly [Role, boolean])[] = [
      ['numerator', moves(variant.numerator)],
      ['denominator', moves(variant.denominator)],
      ['n', moves(variant.n)],
      ['immature', immature === measure],
      ['excluded', excluded.includes(measure)],
    ];
    return [measure, held.filter(([, isHeld]) => isHeld).map(([role]) => role)] as const;
  });
  return new Map(roles);
}

function probe(
  kpi: Kpi,
  definitions: Definitions,
  counts: readonly (readonly [measure: string, sum: bigint])[],
): Components {
  const margins = new MarginTable();
  margins.set(0, '0.5');
  const money = new Map([
    ['currency', definitions.reportingCurrency],
    ['day', '0'],
  ]);
  const hidden = Object.fromEntries(kpi.hidden.map((name) => [name, money.get(name) ?? '']));
  const sums: readonly MeasureSum[] = counts.map(([measure, sum]) => ({ measure, hidden, sum }));
  return kpi.reduce(sums, {
    asOf: 1,
    windowMs: kpi.defaultWindowMs,
    definitions,
    rates: new RateTable(),
    margins,
    spend: new SpendTable(),
    isSelected: () => true,
  });
}
