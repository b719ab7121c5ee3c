import { type Kpi, type MeasureSum } from './catalogue.ts';
import { PART } from './entity.ts';
import { Fault } from './fault.ts';
import { type ComponentRow, type KpiQuery, groupOf } from './kpi.ts';
import { kpiOf } from './kpis/index.ts';
import { isOncePerEntity } from './measure.ts';
import { type IndexedSeries, type ReadPlan, filterOf, planRead } from './read-plan.ts';
import { Series } from './series-steps.ts';
import { type Statement, TenantTables } from './tenant-tables.ts';
import { LEVEL, type SeriesId, parseSeriesName, seriesName } from './series.ts';

/** Plans that are remembered; filters can name any value, so there is no end to them. */
const PLANS_MAX = 1_000;

interface RememberedPlan {
  readonly plan: ReadPlan;
  /** Series that were known when it was made; series are never forgotten. */
  readonly seriesCount: number;
}

type SeriesByName = ReadonlyMap<string, IndexedSeries>;

const NO_SERIES: SeriesByName = new Map();

/**
 * All series of the live engine in memory, and the answers they give: a value at t is a prefix sum of deltas up to t.
 * The same index serves the live view (fed from the store) and a recount (fed from facts).
 */
export class SeriesIndex {
  readonly #byQuestion = new Map<string, Map<string, IndexedSeries>>();
  readonly #plans = new Map<string, RememberedPlan>();
  readonly #tables = new Map<string, TenantTables>();

  /** Change a series at a boundary, ms, by `weight`. */
  add(series: string, boundary: number, weight: number): void {
    this.series(series).steps.add(boundary, weight);
  }

  /** A series by its name; it stays the same one as long as the index lives. */
  series(name: string): IndexedSeries {
    const id = parseSeriesName(name);
    const all = this.#ofQuestion(questionName(id.tenantId, id.kpiId, id.windowMs));
    const known = all.get(name);
    if (known !== undefined) return known;
    const one = { id, steps: new Series() };
    all.set(name, one);
    return one;
  }

  #ofQuestion(question: string): Map<string, IndexedSeries> {
    const known = this.#byQuestion.get(question);
    if (known !== undefined) return known;
    const all = new Map<string, IndexedSeries>();
    this.#byQuestion.set(question, all);
    return all;
  }

  /** Take in what a tenant states about its money. */
  take(tenantId: string, statement: Statement): void {
    this.#tablesOf(tenantId).take(statement);
  }

  #tablesOf(tenantId: string): TenantTables {
    const tables = this.#tables.get(tenantId) ?? new TenantTables();
    this.#tables.set(tenantId, tables);
    return tables;
  }

  /** Whether the live series hold the answer: the window is kept live, and no entity could count twice in pooled values. */
  canAnswer(query: KpiQuery): boolean {
    const kpi = requireKpi(query);
    if (!kpi.windows.includes(query.windowMs)) return false;
    const hasDistinct = Object.values(kpi.measures).some(({ kind }) => isOncePerEntity(kind));
    const isPooled =
      Object.keys(query.keep ?? {}).length > 0 ||
      Object.values(query.filter).some((values) => values.length !== 1);
    return !hasDistinct || !isPooled;
  }

  /** Components at each as-of time, by group. Without `by` there is exactly one row per as-of time. */
  read(query: KpiQuery): readonly ComponentRow[] {
    const kpi = requireKpi(query);
    if (!this.canAnswer(query))
      throw new Fault('window_unsupported', `${kpi.id} is not kept live for this question`);
    const plan = this.#planOf(kpi, query);
    const { rates, margins, spend } = this.#tablesOf(query.tenantId);
    const filter = filterOf(kpi, query);
    return query.asOf.flatMap((asOf) =>
      plan.flatMap(({ values, sums }) => {
        const components = kpi.reduce(readSums(sums, { ...query, at: asOf }), {
          asOf,
          windowMs: query.windowMs,
          definitions: query.definitions,
          rates,
          margins,
          spend,
          isSelected: (name, value) =>
            (filter[name]?.includes(value) ?? true) &&
            (!query.by.includes(name) ||
              groupOf(query.keep, name, value) === values[query.by.indexOf(name)]),
        });
        const isVoid = query.by.length > 0 && Object.values(components).every((sum) => sum === 0n);
        return isVoid ? [] : [{ asOf, group: values, components }];
      }),
    );
  }

  /** To find the series of a question costs far more than to read them. */
  #planOf(kpi: Kpi, query: KpiQuery): ReadPlan {
    const { tenantId, windowMs, by, filter, keep } = query;
    const ofWindow = this.#byQuestion.get(questionName(tenantId, kpi.id, windowMs)) ?? NO_SERIES;
    const ofLevel = this.#byQuestion.get(questionName(tenantId, kpi.id, LEVEL)) ?? NO_SERIES;
    const seriesCount = ofWindow.size + ofLevel.size;
    const question = JSON.stringify([tenantId, kpi.id, windowMs, by, filter, keep]);
    const known = this.#plans.get(question);
    if (known?.seriesCount === seriesCount) return known.plan;
    const plan = planRead(kpi, query, [...ofWindow.values(), ...ofLevel.values()]);
    if (this.#plans.size >= PLANS_MAX) this.#plans.clear();
    this.#plans.set(question, { plan, seriesCount });
    return plan;
  }

  /** Every step of every series, for comparison and snapshots. */
  *steps(): Generator<readonly [series: string, boundary: number, weight: number]> {
    for (const all of this.#byQuestion.values()) {
      for (const { id, steps } of all.values()) {
        const name = seriesName(id);
        for (const [boundary, weight] of steps.entries()) yield [name, boundary, weight];
      }
    }
  }
}

function questionName(tenantId: string, kpiId: string, windowMs: number): string {
  return `${tenantId}${PART}${kpiId}${PART}${Math.max(LEVEL, windowMs)}`;
}

function requireKpi({ kpiId, definitions }: KpiQuery): Kpi {
  const kpi = kpiOf(kpiId, definitions);
  if (kpi === undefined) throw new Fault('kpi_unknown', `there is no KPI ${kpiId}`);
  return kpi;
}

/** The sums at an instant; those that are 0 say nothing. */
function readSums(
  sums: ReadPlan[number]['sums'],
  query: KpiQuery & { at: number },
): readonly MeasureSum[] {
  const read: MeasureSum[] = [];
  for (const { measure, hidden, members } of sums) {
    let sum = 0n;
    for (const { id, steps } of members) {
      if (steps.isZero) continue;
      sum += id.windowMs > LEVEL ? steps.valueAt(query.at) : personTime(id, steps, query);
    }
    if (sum !== 0n) read.push({ measure, hidden, sum });
  }
  return read;
}

/** Time lived at the level within `[t - W, t)`, ending earlier at the moment of reading. */
function personTime(id: SeriesId, steps: Series, query: KpiQuery & { at: number }): bigint {
  const start = query.at - query.windowMs;
  const end = Math.max(start, Math.min(query.at, query.clipAt ?? Infinity));
  return id.windowMs === LEVEL
    ? steps.integralTo(end) - steps.integralTo(start)
    : steps.valueAt(end) - steps.valueAt(start);
}
