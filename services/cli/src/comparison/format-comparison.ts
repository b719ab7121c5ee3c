import type { Comparison } from '../client/compare-answer.ts';
import { formatCount, formatTable } from '../output.ts';
import { wrap } from './wrap.ts';

type Ratio = Comparison['headline'];

/** A comparison for a terminal: what it says first, then what that rests on. */
export function formatComparison(comparison: Comparison): string {
  const { summary, window, status, stratified_by: strata } = comparison;
  return [
    wrap(summary),
    '',
    `Window [${window.from}, ${window.to})${window.is_growing ? ', growing' : ''}, status ${status}`,
    '',
    formatGroups(comparison),
    '',
    'Trained over untrained:',
    formatEstimates(comparison),
    '',
    `Strata (${strata.join(' · ') || 'none'}):`,
    formatStrata(comparison),
    '',
    'What is usually shown (unadjusted, no answer):',
    formatUnadjusted(comparison),
  ].join('\n');
}

function formatGroups({ groups }: Comparison): string {
  return formatTable({
    head: ['time', 'tickets', 'account-days', 'accounts', 'per 100 days', 'interval'],
    right: [1, 2, 3, 4, 5],
    rows: Object.entries(groups).map(([name, { tickets, account_days, accounts, rate, ci }]) => [
      name,
      formatCount(tickets),
      formatCount(Math.round(account_days)),
      formatCount(accounts),
      rate === null ? '–' : rate.toFixed(3),
      intervalOf(ci),
    ]),
  });
}

function formatEstimates(comparison: Comparison): string {
  const {
    stratified,
    difference_in_differences: contrast,
    matched,
    event_study: study,
  } = comparison;
  const trend = study?.pre_trend;
  const rows: readonly (readonly [name: string, of: Ratio, note: string])[] = [
    [
      'stratified',
      stratified,
      stratified === null
        ? 'no stratum has tickets in both groups'
        : `${percent(stratified.overlap.trained_time)} of trained, ${percent(stratified.overlap.untrained_time)} of untrained time`,
    ],
    [
      'difference in differences',
      contrast,
      `${formatCount(matched.compared)} of ${formatCount(matched.trained)} trained accounts, ${formatCount(matched.others)} others`,
    ],
  ];
  return [
    formatTable({
      head: ['estimate', 'ratio', 'interval', 'p', 'rests on'],
      right: [1, 2, 3],
      rows: rows.map(([name, of, note]) => [
        name,
        of === null ? '–' : of.ratio.toFixed(4),
        intervalOf(of?.ci ?? null),
        of === null || of.p_value === null ? '–' : formatP(of.p_value),
        note,
      ]),
    }),
    ...(trend === null || trend === undefined
      ? []
      : [
          `Before training: p = ${formatP(trend.p_value)} that trained accounts were changing already`,
        ]),
  ].join('\n');
}

function formatStrata({ strata }: Comparison): string {
  if (strata.length === 0) return '  no active time in the window';
  return formatTable({
    head: ['stratum', 'trained', 'days', 'untrained', 'days', 'ratio', 'interval'],
    right: [1, 2, 3, 4, 5, 6],
    rows: strata.map(({ stratum, trained, untrained, ratio, ci, is_used: isUsed }) => [
      stratum,
      formatCount(trained.tickets),
      formatCount(Math.round(trained.account_days)),
      formatCount(untrained.tickets),
      formatCount(Math.round(untrained.account_days)),
      ratio === null ? (isUsed ? '–' : 'not used') : ratio.toFixed(3),
      intervalOf(ci),
    ]),
  });
}

const NAMES: Readonly<Record<string, string>> = {
  ever_trained_per_account: 'ever trained over never, per account',
  ever_trained_per_day: 'ever trained over never, per day',
  trained_time_crude: 'trained over untrained time, without strata',
  before_after: 'after over before training',
};

function formatUnadjusted({ unadjusted }: Comparison): string {
  return formatTable({
    head: ['comparison', 'ratio', 'what is wrong with it'],
    right: [1],
    rows: unadjusted.map(({ name, ratio, flaw }) => [
      NAMES[name] ?? name,
      ratio === null ? '–' : ratio.toFixed(4),
      flaw,
    ]),
  });
}

function intervalOf(ci: NonNullable<Ratio>['ci']): string {
  return ci === null
    ? '–'
    : `${ci.low.toFixed(3)} – ${ci.high === null ? '∞' : ci.high.toFixed(3)}`;
}

function formatP(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
