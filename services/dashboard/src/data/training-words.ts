import { number, percent } from './format.ts';
import type {
  EventStudy,
  GuardRail,
  Interval,
  Stratum,
  TrainingAnswer,
} from './training-answer.ts';

/** The summary of the API in pieces that are set differently; put together they are the summary. */
export interface SummaryParts {
  readonly lead: string;
  /** One for each guard rail that the lead does not tell. */
  readonly notes: readonly (GuardRail & { readonly said: string })[];
  readonly rest: string;
}

/** Splits what the API says at its notes. What cannot be found stays in the lead. */
export function summaryParts({
  summary,
  guard_rails: raised,
}: Pick<TrainingAnswer, 'summary' | 'guard_rails'>): SummaryParts {
  const notes: (GuardRail & { readonly said: string })[] = [];
  let left = summary;
  let lead: string | undefined;
  for (const rail of raised) {
    const said = `Note: ${rail.text}.`;
    const at = left.indexOf(said);
    if (at === -1) continue;
    lead ??= left.slice(0, at).trim();
    notes.push({ ...rail, said });
    left = left.slice(at + said.length);
  }
  if (lead !== undefined) return { lead, notes, rest: left.trim() };
  const usual = left.indexOf(USUAL);
  if (usual === -1) return { lead: left, notes, rest: '' };
  return { lead: left.slice(0, usual).trim(), notes, rest: left.slice(usual) };
}

/** What the API begins with when it tells what the usual comparison would have said. */
const USUAL = 'Comparing accounts that were ever trained';

/** Guard rails that make the whole suspect; the others make it uncertain. */
const GRAVE: ReadonlySet<string> = new Set([
  'hardly_comparable',
  'already_changing',
  'unresolved_accounts',
]);

export function isGrave({ code }: GuardRail): boolean {
  return GRAVE.has(code);
}

/** A ratio; more digits where it is small. */
export function ratioText(ratio: number | null): string {
  if (ratio === null) return '\u2013';
  return number(ratio, ratio > 0 && ratio < 0.1 ? 3 : 2);
}

export function ratioIntervalText(ci: Pick<Interval, 'low' | 'high'> | null): string {
  if (ci === null) return 'no interval';
  return `${ratioText(ci.low)} to ${ci.high === null ? 'no limit' : ratioText(ci.high)}`;
}

/** A ratio as a change: 0.7 is -30%. */
export function changeText(ratio: number): string {
  return percent(ratio - 1, 0, 'exceptZero');
}

export function changeIntervalText({ low, high }: Pick<Interval, 'low' | 'high'>): string {
  return `${changeText(low)} to ${high === null ? 'no limit' : changeText(high)}`;
}

/** Whether an interval is on one side of 1. */
export function isClear(ci: Pick<Interval, 'low' | 'high'> | null): boolean {
  return ci !== null && (ci.low > 1 || (ci.high !== null && ci.high < 1));
}

/** What an interval says, in words. */
export function verdictText(ci: Pick<Interval, 'low' | 'high'> | null): string {
  if (ci === null) return 'no interval';
  if (!isClear(ci)) return 'no clear difference';
  return ci.low > 1 ? 'more tickets' : 'fewer tickets';
}

/** Between what must not be torn apart. */
const NO_BREAK = '\u00A0';

export function probabilityText(p: number): string {
  const said = p < 0.001 ? `below ${number(0.001, 3)}` : `= ${number(p, p < 0.1 ? 3 : 2)}`;
  return `p ${said}`.replaceAll(' ', NO_BREAK);
}

/** Below this the change before training counts as one (STATISTICS 11). */
const PRE_TREND_P = 0.05;

/** Whether trained accounts were changing before they were trained. */
export function preTrendText({ points, pre_trend: preTrend }: EventStudy): string {
  if (preTrend === null) {
    return points.some(({ period }) => period < 0)
      ? 'Too few accounts before training to say whether they were changing already.'
      : 'No period before training can be compared: whether accounts were changing already is not known.';
  }
  const said = probabilityText(preTrend.p_value);
  return preTrend.p_value < PRE_TREND_P
    ? `Before training, trained accounts were already changing (${said}): part of the difference is older than the training.`
    : `Before training, trained accounts changed no more than the others did (${said}): nothing here speaks against the comparison.`;
}

const UNADJUSTED_TITLES: Readonly<Record<string, string>> = {
  ever_trained_per_account: 'Ever trained against never, per account',
  ever_trained_per_day: 'Ever trained against never, per day',
  trained_time_crude: 'Trained against untrained time, all together',
  before_after: 'After against before training',
};

export function unadjustedTitle(name: string): string {
  return UNADJUSTED_TITLES[name] ?? name.replaceAll('_', ' ');
}

const STRATUM_JOINT = ' · ';
/** The most specific name stands alone; the others make a heading. */
export interface StratumGroup {
  readonly heading: string;
  readonly strata: readonly { readonly name: string; readonly stratum: Stratum }[];
}

/** Strata below a heading for all but the first of what they are made of: tenures of one plan stand side by side. */
export function groupStrata(
  strata: readonly Stratum[],
  names: readonly string[],
): readonly StratumGroup[] {
  const groups = new Map<string, { name: string; stratum: Stratum }[]>();
  for (const stratum of strata) {
    const [first = '', ...others] = stratum.stratum.split(STRATUM_JOINT);
    const heading = others
      .map((value, at) => stratumText(names[at + 1], value))
      .join(STRATUM_JOINT);
    const group = groups.get(heading) ?? [];
    groups.set(heading, group);
    group.push({ name: stratumText(names[0], first), stratum });
  }
  return [...groups].map(([heading, members]) => ({ heading, strata: members }));
}

/** A value of a stratum in words: `Day 28–84`, `Plan team`. */
function stratumText(name: string | undefined, value: string): string {
  if (name === 'plan') return value === '(none)' ? 'No plan' : `Plan ${value}`;
  if (name !== 'tenure') return value === '' ? 'All time' : value;
  const [, from = '', to] = /^(\d+)(?:-(\d+)|\+)$/.exec(value) ?? [];
  if (from === '') return value;
  return to === undefined ? `Day ${from} on` : `Day ${from}–${to}`;
}

/** When an account counts as trained. */
export function trainedByText(rule: string): string {
  const [kind, value = ''] = rule.split(':');
  if (kind === 'seats')
    return `people on ${percent(Number(value), 0)} of its seats have completed a training course`;
  return value === '1'
    ? 'one of its people has completed a training course'
    : `${value} of its people have completed a training course`;
}

/** How an interval was made, in words. */
export function methodText(method: string): string {
  const basis = method.endsWith('clustered')
    ? 'allowing for tickets of one account coming together'
    : 'taking tickets as independent';
  if (method.startsWith('always_valid'))
    return `an always-valid interval, ${basis}: it holds however often somebody looks`;
  return `an ordinary interval, ${basis}: it holds for a window that was chosen before looking`;
}

/** `tenure and plan`. */
export function listText(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
