import {
  type Kpi,
  type MeasureSum,
  type ReduceOptions,
  defineKpi,
  sumByMeasure,
} from './catalogue.ts';
import { type Definitions } from './definitions.ts';
import { type Components, type Dimensions, type KpiVariant } from './kpi.ts';
import { type Measure, type MeasureOptions, type Units, counting } from './measure.ts';
import { type OwnEvent, addedBy, dimensionsOf } from './own-events.ts';
import {
  MEAN_VALUE_MAX,
  type OwnEvents,
  type OwnKpi,
  type OwnMeasure,
  type OwnSide,
  eventsOf,
  eventsRead,
  ownMeasures,
} from './own-kpi.ts';
import { convert, utcDay } from './rates.ts';
import { isSame } from './same.ts';
import { type Span, inWindow } from './span.ts';

const MADE = new WeakMap<OwnKpi, Kpi>();

/** The KPI of a declaration that has no problems; of the same declaration always the same one. */
export function kpiOfOwn(own: OwnKpi): Kpi {
  const known = MADE.get(own);
  if (known !== undefined) return known;
  const made = own.type === 'cohort_ratio' ? cohortOf(own) : sumsOf(own);
  MADE.set(own, made);
  return made;
}

/** What does not depend on what is measured. */
function commonOf(own: OwnKpi) {
  const { id, version, title, description, unit, windows } = own;
  return {
    id,
    version,
    title,
    description,
    unit,
    windows,
    defaultWindowMs: windows.at(-1) ?? 0,
    dimensions: own.dimensions.map(({ name }) => name),
    events: [...new Set(eventsRead(own).map(({ event }) => event))],
  };
}

const EVENT_RULE = 'Each event counts once, at its own time; events of internal accounts do not.';
const USER_RULE = 'A user counts once in each account that their events name, and not without one.';

type SumsKpi = Exclude<OwnKpi, { type: 'cohort_ratio' }>;

function sumsOf(own: SumsKpi): Kpi {
  const measures = ownMeasures(own);
  const isMoney = measures.some((measure) => measure.isMoney);
  const names = measures.map(({ name }) => name);
  return defineKpi({
    ...commonOf(own),
    formula: formulaOf(own),
    rules: [EVENT_RULE, ...(measures.some(({ per }) => per === 'user') ? [USER_RULE] : [])],
    lookBackMs: (windowMs) => windowMs,
    measures: Object.fromEntries(
      measures.map((measure) => [measure.name, measureOf(own, measure, isMoney)]),
    ),
    components: isMoney ? [...names, NO_RATE] : names,
    ...(isMoney && {
      hidden: ['currency', 'day'],
      reduce: (sums, options) => reduceMoney(measures, sums, options),
      suspectWhen: [NO_RATE],
    }),
    excluded: [...(isMoney ? [NO_RATE] : []), ...(own.type === 'mean' ? ['out_of_range'] : [])],
    variants: [variantOf(own)],
  });
}

const NO_RATE = 'no_fx_rate';

/** What an event adds to a measure while it lies in the window; all events of an account or user are one. */
function measureOf(own: OwnKpi, measure: OwnMeasure, isMoneyKpi: boolean): Measure {
  const placed = (event: OwnEvent): Dimensions => ({
    ...dimensionsOf(own, event),
    ...(isMoneyKpi && hiddenOf(measure, event)),
  });
  const intervalsOf = (event: OwnEvent, windowMs: number) => {
    const weight = addedBy(measure, event);
    return weight === undefined
      ? []
      : counting(inWindow(event.at, windowMs), placed(event), weight);
  };
  if (measure.per === undefined)
    return {
      unit: 'own_event',
      kind: 'count',
      intervals: (event, { windowMs }) => intervalsOf(event, windowMs),
    };
  const united = {
    kind: 'distinct',
    intervals: ({ events }: Units['own_user'], { windowMs }: MeasureOptions) =>
      events.flatMap((event) => intervalsOf(event, windowMs)),
  } as const;
  return measure.per === 'account'
    ? { unit: 'own_account', ...united }
    : { unit: 'own_user', ...united };
}

function hiddenOf({ isMoney }: OwnMeasure, { at, fields }: OwnEvent): Dimensions {
  return isMoney
    ? { currency: fields['currency'] ?? '', day: String(utcDay(at)) }
    : { currency: '', day: '' };
}

/** Money in minor units of the reporting currency, one sum per currency and UTC day at that day's rate. */
function reduceMoney(
  measures: readonly OwnMeasure[],
  sums: readonly MeasureSum[],
  { rates, definitions: { reportingCurrency } }: ReduceOptions,
): Components {
  const names = measures.map(({ name }) => name);
  const rated = sums.flatMap((one): readonly MeasureSum[] => {
    const measure = measures.find(({ name }) => name === one.measure);
    if (measure?.isMoney !== true) return [one];
    const { currency = '', day = '' } = one.hidden;
    const factor = rates.factor(currency, reportingCurrency, Number(day));
    if (measure.adds === 'value')
      return factor === undefined ? [] : [{ ...one, sum: convert(one.sum, factor) }];
    return factor === undefined ? [one, { ...one, measure: NO_RATE }] : [one];
  });
  return sumByMeasure([...names, NO_RATE], rated);
}

const one = (): bigint => 1n;

function component(name: string): (components: Components) => bigint {
  return (components) => components[name] ?? 0n;
}

const ANY = { low: null, high: null } as const;

function variantOf(own: OwnKpi): KpiVariant {
  const base = { name: '', title: own.title };
  switch (own.type) {
    case 'count': {
      const events = component('events');
      const bounds = { low: 0n, high: null };
      return {
        ...base,
        numerator: events,
        denominator: one,
        n: events,
        interval: 'garwood',
        bounds,
      };
    }
    case 'distinct': {
      const units = component(own.of === 'account' ? 'accounts' : 'users');
      const bounds = { low: 0n, high: null };
      return { ...base, numerator: units, denominator: one, n: units, interval: 'none', bounds };
    }
    case 'sum':
      return {
        ...base,
        numerator: component('sum'),
        denominator: one,
        n: component(eventsOf('sum')),
        interval: 'none',
        bounds: ANY,
      };
    case 'mean':
      return {
        ...base,
        numerator: component('sum'),
        denominator: component('events'),
        n: component('events'),
        squares: component('squares'),
        interval: 'student_t',
        bounds: { low: BigInt(-MEAN_VALUE_MAX), high: BigInt(MEAN_VALUE_MAX) },
      };
    case 'ratio': {
      const { numerator, denominator } = own;
      const units = denominator.type === 'sum' ? eventsOf('denominator') : 'denominator';
      return {
        ...base,
        numerator: component('numerator'),
        denominator: component('denominator'),
        n: component(units),
        ...(isShare(numerator, denominator)
          ? { interval: 'wilson' }
          : { interval: 'none', bounds: ANY }),
      };
    }
    case 'cohort_ratio':
      return {
        ...base,
        numerator: component('converted'),
        denominator: component('entered'),
        n: component('entered'),
        interval: 'wilson',
      };
  }
}

/** Whether the numerator counts some of what the denominator counts: the same events or those who did them, with more asked of them. */
export function isShare(numerator: OwnSide, denominator: OwnSide): boolean {
  if (numerator.type === 'sum' || denominator.type === 'sum') return false;
  const entityOf = (side: OwnSide): string => (side.type === 'distinct' ? side.of : '');
  return (
    entityOf(numerator) === entityOf(denominator) &&
    numerator.events.event === denominator.events.event &&
    denominator.events.where.every((filter) =>
      numerator.events.where.some((more) => isSame(filter, more)),
    )
  );
}

type CohortKpi = Extract<OwnKpi, { type: 'cohort_ratio' }>;

function cohortOf(own: CohortKpi): Kpi {
  const { id, horizonMs } = own;
  const ofEntrant = (
    spanOf: (at: number, windowMs: number) => Span,
    isConvertedOnly = false,
  ): Measure => ({
    unit: 'own_entrant',
    kind: 'count',
    intervals: ({ kpiId, entry, isConverted }, { windowMs }) =>
      kpiId === id && (isConverted || !isConvertedOnly)
        ? counting(spanOf(entry.at, windowMs), dimensionsOf(own, entry))
        : [],
  });
  const cohort = (at: number, windowMs: number): Span => inWindow(at, windowMs, horizonMs);
  const counted = own.per === 'account' ? 'accounts' : 'users';
  return defineKpi({
    ...commonOf(own),
    formula: `${counted} with ${wordsOf(own.converted)} in [entry, entry + H) / ${counted} whose first ${wordsOf(own.entry)}, the entry, lies in [t - H - W, t - H)`,
    rules: [
      EVENT_RULE,
      'Only the first entry of all time counts; who entered in [t - H, t) is immature.',
      ...(own.per === 'user' ? [USER_RULE] : []),
    ],
    lookBackMs: (windowMs) => windowMs + horizonMs,
    horizon: {
      of: (definitions) => cohortIn(definitions, id)?.horizonMs ?? horizonMs,
      with: withHorizon(id),
    },
    measures: {
      entered: ofEntrant(cohort),
      converted: ofEntrant(cohort, true),
      immature: ofEntrant((at) => inWindow(at, horizonMs)),
    },
    variants: [variantOf(own)],
    immature: 'immature',
  });
}

function cohortIn({ ownKpis }: Definitions, id: string): CohortKpi | undefined {
  return ownKpis.find((own): own is CohortKpi => own.id === id && own.type === 'cohort_ratio');
}

function withHorizon(id: string) {
  return (definitions: Definitions, horizonMs: number): Definitions => ({
    ...definitions,
    ownKpis: definitions.ownKpis.map((own) =>
      own.id === id && own.type === 'cohort_ratio' ? { ...own, horizonMs } : own,
    ),
  });
}

/** The declaration in words; W is the window. */
function formulaOf(own: SumsKpi): string {
  const within = 'in [t - W, t)';
  switch (own.type) {
    case 'mean':
      return `mean of ${own.of} of ${wordsOf(own.events)} ${within}`;
    case 'ratio':
      return `${sideWords(own.numerator)} ${within} / ${sideWords(own.denominator)} ${within}`;
    default:
      return `${sideWords(own)} ${within}`;
  }
}

function sideWords(side: OwnSide): string {
  switch (side.type) {
    case 'count':
      return wordsOf(side.events);
    case 'distinct':
      return `${side.of}s with ${wordsOf(side.events)}`;
    case 'sum':
      return `sum of ${side.of} of ${wordsOf(side.events)}`;
  }
}

const WORDS = { in: 'in', not_in: 'not in', greater: '>', less: '<' } as const;

function wordsOf({ event, where }: OwnEvents): string {
  const filters = where.map(({ field, is, values }) =>
    is === 'in' || is === 'not_in'
      ? `${field} ${WORDS[is]} (${values.join(', ')})`
      : `${field} ${WORDS[is]} ${String(values[0])}`,
  );
  return filters.length === 0 ? event : `${event} where ${filters.join(' and ')}`;
}
