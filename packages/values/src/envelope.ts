import {
  type Bounds,
  type Components,
  type Definitions,
  type Dimensions,
  type IntervalMethod,
  type Kpi,
  type KpiValue,
  type KpiVariant,
  STATUSES,
  leftOutOf,
  minorDigits,
  resolutionMs,
} from '@kpi/core';
import { type Interval, LEVEL, adjustedWald, garwood, studentT, wilson } from '@kpi/statistics';

import { type Finding, type Read } from './read.ts';
import { readSurvival } from './read-survival.ts';

/** What a value is about, and when and from where it was computed. */
export interface Moment {
  /** End of the window, ms. */
  readonly to: number;
  /** The moment of reading for a live value, the window's end in history, ms. */
  readonly asOf: number;
  readonly computedAt: number;
  readonly servedFrom: KpiValue['served_from'];
  readonly revision: number;
  /** Last event of each source that the KPI needs, ms; empty when it is not known. */
  readonly sources: Readonly<Record<string, number>>;
}

/** Which number is asked for. */
export interface Subject {
  readonly kpi: Kpi;
  readonly variant: KpiVariant;
  readonly windowMs: number;
  readonly segment: Dimensions;
  readonly definitions: Definitions;
}

/** More tickets than this without a known account and the rest no longer speaks for all (KPI_SPEC 2.10). */
const UNRESOLVED_SHARE_MAX = 0.05;
const ANY_SOURCE = '*';

/** Components as a published value: the envelope of KPI_SPEC 1.5. Every number in it is finite. */
export function toEnvelope(subject: Subject, components: Components, moment: Moment): KpiValue {
  const { kpi, variant, definitions } = subject;
  const counts = countsOf(variant, components);
  const leftOut = leftOutOf(kpi, variant);
  const isWithheld = counts.n > 0n && counts.n < BigInt(definitions.suppressN);
  const read = isWithheld ? NOTHING : readValue(subject, components, counts);
  const findings = [
    ...aboutCounts(subject, counts, isWithheld),
    ...aboutLowParts(variant, components),
    ...read.findings,
    ...aboutExclusions(subject, components, counts),
    ...aboutSources(definitions, moment),
  ].toSorted((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status));
  return {
    kpi_id: variant.name === '' ? kpi.id : `${kpi.id}.${variant.name}`,
    definition_version: kpi.version + definitions.changes,
    segment: subject.segment,
    window: windowOf(subject.windowMs, moment.to),
    as_of: iso(moment.asOf),
    watermark: watermarkOf(moment.sources),
    value: read.value,
    unit: variant.unit ?? kpi.unit,
    currency: isMoney(kpi, variant) ? definitions.reportingCurrency : null,
    numerator: isWithheld ? null : counts.shownNumerator,
    denominator: isWithheld ? null : counts.shownDenominator,
    n: isWithheld ? null : Number(counts.n),
    ci: read.ci,
    status: findings[0]?.status ?? 'ok',
    notes: findings.map(({ status, note }) => `${status}: ${note}`),
    immature_n: leftOut.immature === undefined ? 0 : Number(components[leftOut.immature] ?? 0n),
    excluded: excludedOf(leftOut.excluded, variant, components),
    served_from: moment.servedFrom,
    sources: Object.fromEntries(
      Object.entries(moment.sources).map(([name, at]) => [name, iso(at)]),
    ),
    revision: moment.revision,
    computed_at: iso(moment.computedAt),
  };
}

const NOTHING: Read = { value: null, ci: null, findings: [] };

function readValue(subject: Subject, components: Components, counts: Counts): Read {
  const { variant } = subject;
  if (variant.survival !== undefined) {
    const isData = counts.denominator > 0n && counts.isPossible;
    return isData ? readSurvival(variant.survival.byMs, components) : NOTHING;
  }
  const value = valueOf(subject, counts);
  return { value, ci: value === null ? null : intervalOf(variant, counts), findings: [] };
}

/** What a variant reads of components. */
export interface Counts {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly n: bigint;
  readonly squares: bigint;
  readonly shownNumerator: number | null;
  readonly shownDenominator: number | null;
  /** False when the counts contradict the KPI's own definition: no value then. */
  readonly isPossible: boolean;
}

export function countsOf(variant: KpiVariant, components: Components): Counts {
  const numerator = variant.numerator(components);
  const denominator = variant.denominator(components);
  const squares = variant.squares?.(components) ?? 0n;
  const { published } = variant;
  const sums = { sum: numerator, count: denominator, squares };
  return {
    numerator,
    denominator,
    n: variant.n(components),
    squares,
    shownNumerator: published === undefined ? Number(numerator) : published.numerator(components),
    shownDenominator:
      published === undefined ? Number(denominator) : published.denominator(components),
    isPossible: isPossible(variant, numerator, denominator) && isSquared(variant, sums),
  };
}

const SHARE: Bounds = { low: 0n, high: 1n };

function isPossible(variant: KpiVariant, numerator: bigint, denominator: bigint): boolean {
  const { low, high } = variant.bounds ?? SHARE;
  if (denominator < 0n) return false;
  if (low !== null && numerator < low * denominator) return false;
  return high === null || numerator <= high * denominator;
}

/** Whether any whole scores within the bounds have this sum and this sum of squares. */
function isSquared(
  variant: KpiVariant,
  { sum, count, squares }: { sum: bigint; count: bigint; squares: bigint },
): boolean {
  if (variant.squares === undefined) return true;
  const { low, high } = variant.bounds ?? SHARE;
  const longest = [low ?? 0n, high ?? 0n].map((end) => end * end);
  const isWithin = longest.some((most) => squares <= most * count);
  return isWithin && sum <= squares && -sum <= squares && sum * sum <= count * squares;
}

/** Money is summed in minor units and shown in major ones. */
function valueOf({ kpi, variant, definitions }: Subject, counts: Counts): number | null {
  const { numerator, denominator } = counts;
  if (denominator === 0n || !counts.isPossible) return null;
  const value = (Number(numerator) / Number(denominator)) * (variant.scale ?? 1);
  return (variant.unit ?? kpi.unit) === 'money'
    ? value / 10 ** minorDigits(definitions.reportingCurrency)
    : value;
}

/** In the unit of the value. Only called for a value that exists, so the denominator is positive. */
function intervalOf(variant: KpiVariant, counts: Counts): KpiValue['ci'] {
  const { interval: method, scale = 1 } = variant;
  const interval = estimate(method, counts);
  if (interval === undefined) return null;
  return { level: LEVEL, low: interval.low * scale, high: interval.high * scale, method };
}

/** Fewer scores have a mean that is not yet normal (KPI_SPEC 2.14). */
const SCORES_MIN = 30;

function estimate(method: IntervalMethod, counts: Counts): Interval | undefined {
  const [numerator, denominator] = [Number(counts.numerator), Number(counts.denominator)];
  const squares = Number(counts.squares);
  switch (method) {
    case 'wilson':
      return wilson(numerator, denominator);
    case 'garwood':
      return garwood(numerator, denominator);
    case 'adjusted_wald':
      return adjustedWald((squares + numerator) / 2, (squares - numerator) / 2, denominator);
    case 'student_t':
      return denominator < SCORES_MIN ? undefined : studentT(denominator, numerator, squares);
    // That of a curve is made with its value.
    case 'kaplan_meier':
    case 'none':
      return undefined;
  }
}

function aboutCounts(subject: Subject, counts: Counts, isWithheld: boolean): readonly Finding[] {
  const { lowN, suppressN } = subject.definitions;
  const findings: Finding[] = [];
  if (counts.denominator === 0n) {
    findings.push({ status: 'no_data', note: 'the denominator is 0' });
  } else if (isWithheld) {
    findings.push({ status: 'low_n', note: `withheld, fewer than ${suppressN} units` });
  } else if (counts.n < BigInt(lowN)) {
    findings.push({ status: 'low_n', note: `${counts.n} units, fewer than ${lowN}` });
  }
  if (!counts.isPossible) {
    findings.push({
      status: 'suspect',
      note: `no value from ${counts.numerator} of ${counts.denominator}`,
    });
  }
  return findings;
}

function aboutLowParts(variant: KpiVariant, components: Components): readonly Finding[] {
  const note = variant.lowWhen?.(components);
  return note === undefined ? [] : [{ status: 'low_n', note }];
}

function aboutExclusions(
  subject: Subject,
  components: Components,
  counts: Counts,
): readonly Finding[] {
  const { kpi, variant } = subject;
  const reasons = new Set([...kpi.suspectWhen, ...(isMoney(kpi, variant) ? [NO_RATE] : [])]);
  const findings = [...reasons].flatMap((reason) => {
    const count = components[componentOf(reason, variant)] ?? 0n;
    return count > 0n ? [{ status: 'suspect', note: `${count} left out: ${reason}` } as const] : [];
  });
  const unresolved = Number(components['unresolved_account'] ?? 0n);
  const share = unresolved === 0 ? 0 : unresolved / (unresolved + Number(counts.numerator));
  if (share <= UNRESOLVED_SHARE_MAX) return findings;
  return [...findings, { status: 'suspect', note: `${unresolved} left out: unresolved_account` }];
}

function aboutSources(definitions: Definitions, moment: Moment): readonly Finding[] {
  const { silenceLimitMs } = definitions;
  return Object.entries(moment.sources).flatMap(([name, lastAt]) => {
    const limitMs = silenceLimitMs[name] ?? silenceLimitMs[ANY_SOURCE] ?? Infinity;
    const isSilent = moment.asOf - lastAt > limitMs;
    return isSilent
      ? [{ status: 'stale', note: `nothing from ${name} since ${iso(lastAt)}` } as const]
      : [];
  });
}

/** Sums of money have currencies behind them, and units that are not independent, so no interval either. */
/** Amounts, and ratios of them. */
function isMoney(kpi: Kpi, variant: KpiVariant): boolean {
  const isOfMoney = variant.interval === 'none' && kpi.hidden.includes('currency');
  return isOfMoney || (variant.unit ?? kpi.unit) === 'money';
}

function excludedOf(
  excluded: readonly string[],
  variant: KpiVariant,
  components: Components,
): Readonly<Record<string, number>> {
  const counted = excluded.map(
    (reason) => [reason, Number(components[componentOf(reason, variant)] ?? 0n)] as const,
  );
  return Object.fromEntries(counted.filter(([, count]) => count !== 0));
}

/** A variant may lack other rates than the KPI does. */
function componentOf(reason: string, { unpriced = NO_RATE }: KpiVariant): string {
  return reason === NO_RATE ? unpriced : reason;
}

const NO_RATE = 'no_fx_rate';

function windowOf(windowMs: number, to: number): KpiValue['window'] {
  return {
    kind: 'rolling',
    from: iso(to - windowMs),
    to: iso(to),
    resolution_ms: resolutionMs(windowMs),
  };
}

function watermarkOf(sources: Readonly<Record<string, number>>): string | null {
  const times = Object.values(sources);
  return times.length === 0 ? null : iso(Math.min(...times));
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
