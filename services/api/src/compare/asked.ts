import { type ComparisonDesign, STRATA } from '@kpi/comparison';
import {
  type Definitions,
  HOUR_MS,
  type Span,
  type TrainingRule,
  days,
  formatDuration,
} from '@kpi/core';
import { z } from 'zod';

import {
  type RawParameters,
  invalid,
  readDuration,
  readInstant,
  readList,
  readOne,
} from '../parameters.ts';

const text = z.string().optional();
const list = z.union([z.string(), z.array(z.string())]).optional();

/** Query of a comparison of trained with untrained time. */
export const compareParameters = z
  .object({
    since: text.describe(
      'Start of a comparison that is looked at as it grows, RFC 3339; by default the first day of the quarter. Its interval holds however often it is looked at. Until now, the last day from the live store.',
    ),
    from: text.describe(
      'Start of a window that was chosen before looking, RFC 3339, with an ordinary interval; `window` says the same by length.',
    ),
    to: text.describe('End of that window, RFC 3339; by default the last whole hour.'),
    window: text.describe('Length of that window, such as `91d`, instead of `from`.'),
    trained_by: text.describe(
      'When an account is trained: `users:1` (default), `users:3`, or `seats:0.5` for half of the seats of its open subscriptions.',
    ),
    courses: list.describe(
      'Courses that train, comma-separated; by default those of the definitions.',
    ),
    lag: text.describe(
      'Time after training that belongs to neither group, such as `7d`; none by default.',
    ),
    strata: list.describe(
      'In what groups must be alike: `tenure`, `plan`, `month`; by default tenure and plan.',
    ),
    filter: list.describe(
      'Only this time, as `plan:pro,plan:free,tenure:28-84`; of what follows accounts from before training, those that were such at training, in the event study when it first sees them.',
    ),
    incidents: z
      .enum(['include', 'exclude'])
      .optional()
      .describe('Whether tickets of outages count; by default they do.'),
    prepost: text.describe(
      'Time before and after training for the comparison within accounts; by default that of the definitions (84d).',
    ),
    washout: text.describe(
      'Time before training that is left out of it; by default that of the definitions (28d).',
    ),
    by: text.describe(
      'Instead: two other groups of time, as for every KPI, such as `by=plan&of=pro,free&as_of=2026-01-31`. See `/v1/compare/{id}`.',
    ),
    of: list.describe('With `by`: the two values.'),
    as_of: text.describe('With `by`: end of the window.'),
    clustered: z
      .enum(['true', 'false'])
      .optional()
      .describe(
        '`false`: an interval as if all tickets were independent. Refused where they are not.',
      ),
  })
  .strict();

/** A comparison as it was asked for. */
export interface AskedComparison {
  readonly design: ComparisonDesign;
  readonly courses: readonly string[];
  /** Whether the live store keeps what it needs: its end may then be a moment ago. */
  readonly isLive: boolean;
}

/** Twenty years. */
const SPAN_MS_MAX = days(7_320);
const SHORTEST_MS = days(1);
const COURSES_MAX = 100;
const USERS_MAX = 1_000;

/** Throws `parameter_invalid`, naming the parameter. */
export function readComparison(
  raw: RawParameters,
  { definitions, nowMs }: { readonly definitions: Definitions; readonly nowMs: number },
): AskedComparison {
  const stray = ['of', 'as_of'].find((name) => raw[name] !== undefined);
  if (stray !== undefined) throw invalid(stray, `${stray} goes with by`);
  const span = readSpan(raw, nowMs);
  const rule = readRule(raw, definitions);
  const lagMs = readSpanOfTime(raw, 'lag', 0);
  const strata = readStrata(raw);
  const filter = readFilter(raw);
  const countsIncidents = readOne(raw, 'incidents') !== 'exclude';
  const isDefaultRule =
    'users' in rule.needs &&
    rule.needs.users === 1 &&
    isSame(rule.courses, definitions.trainingCourses);
  const isKept = isDefaultRule && lagMs === 0 && countsIncidents && !strata.includes('month');
  return {
    courses: rule.courses,
    isLive: span.isGrowing && isKept,
    design: {
      window: span,
      rule,
      lagMs,
      strata,
      filter,
      countsIncidents,
      tenureEdgesMs: definitions.tenureEdgesMs,
      prepostMs: readSpanOfTime(raw, 'prepost', definitions.comparison.prepostMs),
      washoutMs: readSpanOfTime(raw, 'washout', definitions.comparison.washoutMs),
      isClustered: readOne(raw, 'clustered') !== 'false',
      areLooksRepeated: span.isGrowing,
    },
  };
}

function readSpan(raw: RawParameters, nowMs: number): Span & { readonly isGrowing: boolean } {
  const fixed = ['from', 'to', 'window'].find((name) => raw[name] !== undefined);
  const since = readInstant(raw, 'since');
  if (since !== undefined && fixed !== undefined)
    throw invalid(fixed, `${fixed} and since exclude each other: a window is fixed, or it grows`);
  if (fixed === undefined) {
    return checked({ from: since ?? quarterStart(nowMs), to: nowMs }, 'since', {
      nowMs,
      isGrowing: true,
    });
  }
  if (raw['from'] !== undefined && raw['window'] !== undefined)
    throw invalid('window', 'window and from exclude each other');
  const to = readInstant(raw, 'to') ?? Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const from = readInstant(raw, 'from') ?? to - readDuration(raw, 'window', days(91));
  return checked({ from, to }, 'from', { nowMs, isGrowing: false });
}

function checked(
  span: Span,
  name: string,
  { nowMs, isGrowing }: { readonly nowMs: number; readonly isGrowing: boolean },
): Span & { readonly isGrowing: boolean } {
  if (span.to > nowMs) throw invalid('to', 'to lies in the future');
  if (span.from > nowMs) throw invalid(name, `${name} lies in the future`);
  if (span.from < 0) throw invalid(name, `${name} lies before 1970`);
  const length = span.to - span.from;
  if (!isGrowing && length < SHORTEST_MS)
    throw invalid(name, `a comparison takes at least ${formatDuration(SHORTEST_MS)}`);
  if (length > SPAN_MS_MAX)
    throw invalid(name, `a comparison takes at most ${formatDuration(SPAN_MS_MAX)}`);
  return { ...span, isGrowing };
}

/** First day of the current UTC quarter. */
function quarterStart(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) * 3);
}

function readRule(raw: RawParameters, definitions: Definitions): TrainingRule {
  const asked = readList(raw, 'courses');
  if (asked.length > COURSES_MAX) throw invalid('courses', `courses names at most ${COURSES_MAX}`);
  const courses = raw['courses'] === undefined ? definitions.trainingCourses : asked;
  const [, kind = '', number = ''] =
    /^(users|seats):(\d{1,4}(?:\.\d{1,4})?)$/.exec(readOne(raw, 'trained_by') ?? 'users:1') ?? [];
  const value = Number(number);
  if (kind === 'users' && Number.isInteger(value) && value >= 1 && value <= USERS_MAX)
    return { courses, needs: { users: value } };
  if (kind === 'seats' && value > 0 && value <= 1) return { courses, needs: { seatShare: value } };
  throw invalid(
    'trained_by',
    'trained_by is users:<number from 1>, or seats:<share above 0 and up to 1>',
  );
}

function readStrata(raw: RawParameters): ComparisonDesign['strata'] {
  if (raw['strata'] === undefined) return ['tenure', 'plan'];
  const named = [...new Set(readList(raw, 'strata'))];
  return named.map((name) => {
    const stratum = STRATA.find((one) => one === name);
    if (stratum !== undefined) return stratum;
    throw invalid('strata', `strata are ${STRATA.join(', ')}`);
  });
}

function readFilter(raw: RawParameters): ComparisonDesign['filter'] {
  const values = new Map<string, string[]>();
  for (const part of readList(raw, 'filter')) {
    const [, name = '', value = ''] = /^(plan|tenure):(.+)$/.exec(part) ?? [];
    if (name === '')
      throw invalid('filter', 'a filter is plan:<plan> or tenure:<bucket>, such as plan:pro');
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(values);
}

function readSpanOfTime(raw: RawParameters, name: string, byDefault: number): number {
  const ms = raw[name] === '0d' ? 0 : readDuration(raw, name, byDefault);
  if (ms <= days(366)) return ms;
  throw invalid(name, `${name} is at most 366d`);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
