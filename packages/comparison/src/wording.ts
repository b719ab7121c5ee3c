import {
  type ComparisonReport,
  type ReportedInterval,
  type ReportedRatio,
} from './comparison-report.ts';
import { type ComparisonDesign } from './design.ts';

type Told = Omit<ComparisonReport, 'summary'>;

/**
 * The comparison in a paragraph for people (STATISTICS 11). It names an association: "because" is for roll-outs that were drawn by
 * lot.
 */
export function wordingOf(report: Told, design: ComparisonDesign): string {
  return [answer(report, design), ...reservations(report), ...usual(report)].join(' ');
}

function answer(report: Told, design: ComparisonDesign): string {
  const { headline, guard_rails: raised } = report;
  if (headline === null) {
    const why = raised[0]?.text ?? 'no stratum has tickets in both groups';
    return `No answer yet: ${why}. Counted so far: ${counted(report)}.`;
  }
  const others = `untrained time of comparable ${listed(design.strata)}`;
  const found = finding(headline.ratio, others);
  if (headline.ci === null)
    return `${found}, but no interval can be given; this is an association.`;
  if (isClear(headline.ci))
    return `Tickets were ${change(headline.ratio)} (interval ${range(headline.ci)}) in trained time than in ${others}; this is an association.`;
  return `No clear difference. ${found}; the interval reaches from ${change(headline.ci.low)} to ${headline.ci.high === null ? 'any number more' : change(headline.ci.high)}.`;
}

function finding(ratio: number, others: string): string {
  return percentOf(ratio) === 0
    ? `Tickets were as frequent in trained time as in ${others}`
    : `Tickets were ${change(ratio)} in trained time than in ${others}`;
}

function counted({ groups: { trained, untrained } }: Told): string {
  return `${trained.tickets} tickets in ${days(trained.account_days)} account-days of trained time, ${untrained.tickets} in ${days(untrained.account_days)} of untrained time`;
}

function isClear({ low, high }: ReportedInterval): boolean {
  return low > 1 || (high !== null && high < 1);
}

function reservations({ guard_rails: raised, headline }: Told): readonly string[] {
  return raised.slice(headline === null ? 1 : 0).map(({ text }) => `Note: ${text}.`);
}

/** What the usual comparison would have said, so that nobody is surprised by the other number. */
function usual({ unadjusted, headline }: Told): readonly string[] {
  const ever = unadjusted.find(({ name }) => name === 'ever_trained_per_account');
  if (headline === null || ever === undefined || ever.ratio === null) return [];
  return [
    `Comparing accounts that were ever trained with those that never were would have said ${change(ever.ratio)} (unadjusted: ${ever.flaw}).`,
  ];
}

function percentOf(ratio: number): number {
  return Math.round(Math.abs(ratio - 1) * 100);
}

/** `30 % lower`, `180 % higher`, `no difference`. */
function change(ratio: number): string {
  const percent = percentOf(ratio);
  if (percent === 0) return 'no difference';
  return `${percent} % ${ratio < 1 ? 'lower' : 'higher'}`;
}

/** The interval of a difference that is clear, such as `18–41 %`. */
function range({ low, high }: NonNullable<ReportedRatio['ci']>): string {
  if (high === null) return `from ${percentOf(low)} %`;
  const [near = 0, far = 0] = [percentOf(low), percentOf(high)].toSorted((a, b) => a - b);
  return `${near}–${far} %`;
}

function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? 'accounts';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function days(count: number): string {
  return Math.round(count).toLocaleString('en');
}
