import { HOUR_MS, MINUTE_MS, days, resolutionMs } from './duration.ts';
import { EVENT_FIELDS, type EventFieldKind } from './event-fields.gen.ts';
import { EVENT_TYPES, type EventType } from './event-types.gen.ts';
import { type KpiUnit } from './kpi.ts';
import { KPIS } from './kpis/index.ts';
import { isShare } from './own-catalogue.ts';
import {
  ACCOUNT_PLAN,
  ATTRIBUTE,
  OWN_DIMENSIONS_MAX,
  OWN_FILTERS_MAX,
  OWN_KPIS_MAX,
  OWN_VALUES_MAX,
  OWN_WINDOWS_MAX,
  type OwnEvents,
  type OwnFilter,
  type OwnFormula,
  type OwnKpi,
  type OwnSide,
  WHOLE_DIGITS_MAX,
  eventsRead,
} from './own-kpi.ts';

/** What is wrong in a list of declarations, and where. */
export interface OwnProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Published under two keys, or about what is to be forgotten: their number would mean nothing. */
const NOT_COUNTED: ReadonlySet<EventType> = new Set<EventType>([
  'account.merged',
  'user.merged',
  'subject.erased',
]);

/** Event types that a KPI of one's own can count. */
export const OWN_EVENT_TYPES: readonly EventType[] = EVENT_TYPES.filter(
  (type) => !NOT_COUNTED.has(type),
);

const ID = /^[a-z][a-z0-9_]{1,62}$/;
const TITLE_CHARACTERS_MAX = 100;
const DESCRIPTION_CHARACTERS_MAX = 2_000;
const ATTRIBUTE_CHARACTERS_MAX = 256;
const WINDOW_MS_MAX = days(366);
// oxlint-disable-next-line no-control-regex -- control characters are what it finds
const CONTROL = /[\u0000-\u001f]/;

/** Everything that keeps declarations from being KPIs; paths are those of the list. Types are taken as checked. */
export function problemsOf(ownKpis: readonly OwnKpi[]): readonly OwnProblem[] {
  const problems: OwnProblem[] = [];
  if (ownKpis.length > OWN_KPIS_MAX)
    problems.push({ path: [], message: `must be at most ${OWN_KPIS_MAX} KPIs` });
  const seen = new Set(KPIS.map(({ id }) => id));
  for (const [index, kpi] of ownKpis.entries()) {
    const check = new Check([index], problems);
    if (seen.has(kpi.id)) check.refuse(['id'], 'is the id of another KPI');
    seen.add(kpi.id);
    checkNames(kpi, check);
    checkWindows(kpi, check);
    checkFormula(kpi, check);
    checkDimensions(kpi, check);
    checkUnit(kpi, check);
  }
  return problems;
}

type Path = OwnProblem['path'];

/** Collects problems below a place. */
class Check {
  readonly #at: Path;
  readonly #problems: OwnProblem[];

  constructor(at: Path, problems: OwnProblem[]) {
    this.#at = at;
    this.#problems = problems;
  }

  refuse(path: Path, message: string): void {
    this.#problems.push({ path: [...this.#at, ...path], message });
  }

  require(isRight: boolean, path: Path, message: string): void {
    if (!isRight) this.refuse(path, message);
  }

  at(...path: Path): Check {
    return new Check([...this.#at, ...path], this.#problems);
  }
}

function checkNames({ id, version, title, description }: OwnKpi, check: Check): void {
  check.require(ID.test(id), ['id'], 'must be snake_case: 2 to 63 letters, digits, _');
  const isVersion = Number.isSafeInteger(version) && version > 0;
  check.require(isVersion, ['version'], 'must be a whole number above 0');
  const isTitle = title !== '' && title.length <= TITLE_CHARACTERS_MAX;
  check.require(isTitle, ['title'], `must have 1 to ${TITLE_CHARACTERS_MAX} characters`);
  const isDescription = description.length <= DESCRIPTION_CHARACTERS_MAX;
  const most = `must have at most ${DESCRIPTION_CHARACTERS_MAX} characters`;
  check.require(isDescription, ['description'], most);
}

function checkWindows({ windows }: OwnKpi, check: Check): void {
  const isFew = windows.length > 0 && windows.length <= OWN_WINDOWS_MAX;
  check.require(isFew, ['windows'], `must be 1 to ${OWN_WINDOWS_MAX} windows`);
  for (const [index, windowMs] of windows.entries()) {
    const path = ['windows', index];
    const isLong = windowMs >= HOUR_MS && windowMs <= WINDOW_MS_MAX;
    check.require(isLong, path, 'must be 1 hour to 366 days');
    const stepMs = resolutionMs(windowMs);
    check.require(windowMs % stepMs === 0, path, `must be a multiple of ${stepMs / MINUTE_MS} min`);
    const isAscending = index === 0 || windowMs > (windows[index - 1] ?? 0);
    check.require(isAscending, path, 'must be longer than the one before');
  }
}

function checkFormula(kpi: OwnKpi, check: Check): void {
  switch (kpi.type) {
    case 'mean':
      checkEvents(kpi.events, check.at('events'));
      checkNumber(kpi.of, kpi.events, { check, isMoneyAllowed: false });
      break;
    case 'ratio': {
      checkSide(kpi.numerator, check.at('numerator'));
      checkSide(kpi.denominator, check.at('denominator'));
      const isAgainstMoney = isMoney(kpi.denominator) && !isMoney(kpi.numerator);
      check.require(!isAgainstMoney, ['denominator'], 'is money, so the numerator must be as well');
      break;
    }
    case 'cohort_ratio': {
      checkEvents(kpi.entry, check.at('entry'));
      checkEvents(kpi.converted, check.at('converted'));
      const { horizonMs } = kpi;
      const isHorizon =
        Number.isSafeInteger(horizonMs) && horizonMs >= MINUTE_MS && horizonMs <= WINDOW_MS_MAX;
      check.require(isHorizon, ['horizonMs'], 'must be 1 minute to 366 days');
      break;
    }
    default:
      checkSide(kpi, check);
  }
}

function checkSide(side: OwnSide, check: Check): void {
  checkEvents(side.events, check.at('events'));
  if (side.type === 'sum') checkNumber(side.of, side.events, { check, isMoneyAllowed: true });
}

/** Kind of a field of an event; undefined when there is none of that name. */
function kindOf(field: string, { event }: OwnEvents): EventFieldKind | 'attribute' | undefined {
  if (field === 'source') return 'text';
  if (!field.startsWith(ATTRIBUTE)) {
    const fields = EVENT_FIELDS[event];
    return Object.hasOwn(fields, field) ? fields[field] : undefined;
  }
  const { length } = field.slice(ATTRIBUTE.length);
  const isName = length > 0 && length <= ATTRIBUTE_CHARACTERS_MAX && !CONTROL.test(field);
  return isName ? 'attribute' : undefined;
}

function isMoney(side: OwnSide): boolean {
  return side.type === 'sum' && kindOf(side.of, side.events) === 'money';
}

function checkNumber(
  field: string,
  events: OwnEvents,
  { check, isMoneyAllowed }: { readonly check: Check; readonly isMoneyAllowed: boolean },
): void {
  const kind = kindOf(field, events);
  if (kind === undefined) check.refuse(['of'], `${events.event} has no field ${field}`);
  else if (kind === 'money')
    check.require(isMoneyAllowed, ['of'], 'is money, of which there are only sums');
  else check.require(kind === 'integer' || kind === 'attribute', ['of'], 'must hold whole numbers');
}

function checkEvents(events: OwnEvents, check: Check): void {
  const { event, where } = events;
  check.require(OWN_EVENT_TYPES.includes(event), ['event'], 'is not an event that can be counted');
  check.require(where.length <= OWN_FILTERS_MAX, ['where'], `must be at most ${OWN_FILTERS_MAX}`);
  for (const [index, filter] of where.entries())
    checkFilter(filter, kindOf(filter.field, events), check.at('where', index));
}

const SCALARS: Readonly<Record<string, readonly string[]>> = {
  text: ['string'],
  id: ['string'],
  boolean: ['boolean'],
  integer: ['number'],
  money: ['number'],
  attribute: ['string', 'number', 'boolean'],
};

function checkFilter(
  { field, is, values }: OwnFilter,
  kind: ReturnType<typeof kindOf>,
  check: Check,
): void {
  if (kind === undefined) {
    check.refuse(['field'], `there is no field ${field}`);
    return;
  }
  const numbers = values.filter((value) => typeof value === 'number');
  const areWhole = numbers.every(
    (value) => Math.abs(value) < 10 ** WHOLE_DIGITS_MAX && value % 1 === 0,
  );
  check.require(
    areWhole,
    ['values'],
    `must be whole numbers of at most ${WHOLE_DIGITS_MAX} digits`,
  );
  if (is === 'greater' || is === 'less') {
    const isNumeric = kind === 'integer' || kind === 'money' || kind === 'attribute';
    check.require(isNumeric, ['field'], 'holds no numbers to compare');
    check.require(values.length === 1 && numbers.length === 1, ['values'], 'must be one number');
    return;
  }
  const isFew = values.length > 0 && values.length <= OWN_VALUES_MAX;
  check.require(isFew, ['values'], `must be 1 to ${OWN_VALUES_MAX}`);
  const scalars = SCALARS[kind] ?? [];
  const areFitting = values.every((value) => scalars.includes(typeof value));
  check.require(areFitting, ['values'], `must be ${scalars.join(' or ')}`);
}

function checkDimensions({ dimensions, ...formula }: OwnKpi, check: Check): void {
  const isFew = dimensions.length <= OWN_DIMENSIONS_MAX;
  check.require(isFew, ['dimensions'], `must be at most ${OWN_DIMENSIONS_MAX}`);
  const split = formula.type === 'cohort_ratio' ? [formula.entry] : eventsRead(formula);
  for (const [index, { name, field }] of dimensions.entries()) {
    const path = ['dimensions', index];
    check.require(ID.test(name), [...path, 'name'], 'must be snake_case');
    const isFirst = dimensions.findIndex((one) => one.name === name) === index;
    check.require(isFirst, [...path, 'name'], 'is the name of another dimension');
    if (field === ACCOUNT_PLAN) continue;
    for (const events of split) {
      const kind = kindOf(field, events);
      if (kind === undefined) check.refuse([...path, 'field'], `${events.event} has no ${field}`);
      else if (!DIVIDING.has(kind)) check.refuse([...path, 'field'], `has too many values`);
    }
  }
}

const DIVIDING: ReadonlySet<string> = new Set(['text', 'boolean', 'attribute']);

function checkUnit(kpi: OwnKpi, check: Check): void {
  const allowed = unitsOfOwn(kpi);
  const message = `must be ${allowed.join(' or ')}`;
  check.require(allowed.includes(kpi.unit), ['unit'], message);
}

const SCORES: readonly KpiUnit[] = ['number', 'scale_points'];

/** Units that a declaration can have; the first is the usual one. */
export function unitsOfOwn(kpi: OwnFormula): readonly KpiUnit[] {
  switch (kpi.type) {
    case 'count':
    case 'distinct':
      return ['number'];
    case 'sum':
      return isMoney(kpi) ? ['money'] : ['number'];
    case 'mean':
      return SCORES;
    case 'cohort_ratio':
      return ['ratio'];
    case 'ratio':
      if (isShare(kpi.numerator, kpi.denominator)) return ['ratio'];
      if (!isMoney(kpi.numerator)) return ['number', 'ratio'];
      return isMoney(kpi.denominator) ? ['ratio', 'number'] : ['money'];
  }
}
