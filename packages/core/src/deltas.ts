import { type UnitList } from './contribution.ts';
import { type Kpi } from './catalogue.ts';
import { type Definitions } from './definitions.ts';
import { type DeltaSheet } from './delta-sheet.ts';
import { type CountingInterval } from './kpi.ts';
import { KPIS } from './kpis/index.ts';
import { type Measure, type MeasureOptions } from './measure.ts';
import { MeasureSeries } from './measure-series.ts';
import { kpiOfOwn } from './own-catalogue.ts';
import { type OwnKpi } from './own-kpi.ts';
import { differingRange, isSame } from './same.ts';
import { LEVEL } from './series.ts';

export interface CountOptions {
  readonly tenantId: string;
  readonly definitions: Definitions;
}

/** Units of one kind before and after a change; undefined where there are none. */
export interface UnitChange {
  readonly from: UnitList | undefined;
  readonly to: UnitList | undefined;
}

interface Count {
  readonly measure: Measure;
  readonly windowMs: number;
  readonly series: MeasureSeries;
}

/** An entity is one unit, which only some measures are about; looking at all of them for each would cost more than counting. */
type Counts = ReadonlyMap<string, readonly Count[]>;

const COUNTS_BY_UNIT = countsOf(KPIS);

function countsOf(kpis: readonly Kpi[]): Counts {
  return Map.groupBy(
    kpis.flatMap((kpi) =>
      Object.entries(kpi.measures).flatMap(([name, measure]) =>
        // A level serves every window.
        (measure.kind === 'level' ? [LEVEL] : kpi.windows).map((windowMs) => {
          const { kind, pool } = measure;
          const place = { kpi, measure: name, kind, windowMs, pool };
          return { measure, windowMs, series: new MeasureSeries(place) };
        }),
      ),
    ),
    ({ measure }) => measure.unit,
  );
}

/** The same of KPIs of one's own, whose units are no one else's, by the list of declarations itself. */
const OWN_COUNTS = new WeakMap<readonly OwnKpi[], Counts>();

function countsOfOwn(ownKpis: readonly OwnKpi[]): Counts {
  const known = OWN_COUNTS.get(ownKpis);
  if (known !== undefined) return known;
  const made = countsOf(ownKpis.map(kpiOfOwn));
  OWN_COUNTS.set(ownKpis, made);
  return made;
}

/** Units of a whole account: they are made anew only where it has changed, and to compare all of it would find just that. */
const ONLY_WHEN_CHANGED: ReadonlySet<string> = new Set([
  'account',
  'exposure',
  'referrer',
  'product_user',
  'starter',
  'buyer',
  'expander',
  'nps_account',
]);

/**
 * Withdraw what the units before count and enter what those after do, for every KPI, measure and live window. Units that are
 * the same at both ends of the lists are passed over: most changes of an entity change none or one.
 */
export function countChange(sheet: DeltaSheet, change: UnitChange, options: CountOptions): void {
  const units = narrowed(change);
  const kind = units.from?.name ?? units.to?.name;
  if (kind === undefined) return;
  const isSameUnit = ONLY_WHEN_CHANGED.has(kind) ? Object.is : isSame;
  const range = differingRange<unknown>(units.from?.units ?? [], units.to?.units ?? [], isSameUnit);
  const { first, fromEnd, toEnd } = range;
  if (first === Math.max(fromEnd, toEnd)) return;
  const { tenantId, definitions } = options;
  const counts = COUNTS_BY_UNIT.get(kind) ?? countsOfOwn(definitions.ownKpis).get(kind) ?? [];
  for (const { measure, windowMs, series } of counts) {
    const scope = { windowMs, definitions };
    for (let at = first; at < fromEnd || at < toEnd; at += 1) {
      const from = at < fromEnd ? intervalsOf(measure, units.from, { at, scope }) : NONE;
      const to = at < toEnd ? intervalsOf(measure, units.to, { at, scope }) : NONE;
      if (from.length > 0 || to.length > 0) series.change(tenantId, { from, to }, sheet);
    }
  }
}

/** Sales of a buyer who stays as he was count each for itself: those before and after the ones that differ are left out. */
function narrowed({ from, to }: UnitChange): UnitChange {
  if (from?.name !== 'buyer' || to?.name !== 'buyer') return { from, to };
  const [was, is] = [from.units[0], to.units[0]];
  if (was === undefined || is === undefined || was.state !== is.state) return { from, to };
  const { first, fromEnd, toEnd } = differingRange(was.sales, is.sales, isSame);
  return {
    from: { name: 'buyer', units: [{ ...was, sales: was.sales.slice(first, fromEnd) }] },
    to: { name: 'buyer', units: [{ ...is, sales: is.sales.slice(first, toEnd) }] },
  };
}

const NONE: readonly CountingInterval[] = [];

/** The counting intervals of a measure over the unit at one place of a list. */
function intervalsOf(
  measure: Measure,
  list: UnitList | undefined,
  { at, scope }: { at: number; scope: MeasureOptions },
): readonly CountingInterval[] {
  const unit = list?.name === measure.unit ? list.units[at] : undefined;
  if (unit === undefined) return NONE;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are equal, so it is a unit of this measure
  return measure.intervals(unit as never, scope);
}
