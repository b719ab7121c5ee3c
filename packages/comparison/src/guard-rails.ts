import { FIRST_LOOK_ACCOUNTS_MIN, FIRST_LOOK_EVENTS_MIN, type RateGroup } from '@kpi/statistics';

/** Why a comparison says less than it seems to, worst first (STATISTICS 11). */
export const GUARD_RAILS = [
  'no_data',
  'hardly_comparable',
  'already_changing',
  'unresolved_accounts',
  'strata_differ',
  'too_few',
  'few_accounts',
  'few_tickets',
  'nothing_in_a_group',
  'overdispersed',
  'first_look_too_early',
] as const;
export type GuardRail = (typeof GUARD_RAILS)[number];

/** Time that is compared: that of strata with time of both groups. */
export interface Compared {
  readonly trained: RateGroup;
  readonly untrained: RateGroup;
  readonly accounts: { readonly trained: number; readonly untrained: number };
  /** Accounts with at least one ticket in time that is compared. */
  readonly accountsWithTickets: number;
}

/** What the guard rails look at. */
export interface Findings extends Compared {
  /** Share of trained time that is in strata with time of both groups; null where nothing can be pooled. */
  readonly overlap: number | null;
  readonly preTrendP: number | null;
  readonly homogeneityP: number | null;
  /** Share of tickets of nobody known. */
  readonly unresolvedShare: number;
  readonly dispersion: number | null;
  readonly isClustered: boolean;
  readonly areLooksRepeated: boolean;
}

export interface Raised {
  readonly code: GuardRail;
  readonly text: string;
}

/** Fewer tickets than this in a group: the logarithm of their ratio is not normal. */
export const TICKETS_OF_GROUP_MIN = 5;

const LIMITS = {
  ticketsMin: 10,
  accountsMin: 10,
  accountsWithTicketsMin: 40,
  overlapMin: 0.5,
  preTrendP: 0.05,
  homogeneityP: 0.1,
  unresolvedMax: 0.05,
  dispersionMax: 1.5,
  firstLook: { tickets: FIRST_LOOK_EVENTS_MIN, accounts: FIRST_LOOK_ACCOUNTS_MIN },
} as const;

/** All that holds, worst first. */
export function guardRailsOf(findings: Findings): readonly Raised[] {
  const { trained, untrained, accounts } = findings;
  const tickets = trained.events + untrained.events;
  const [fewest, fewer] = [
    Math.min(trained.events, untrained.events),
    Math.min(accounts.trained, accounts.untrained),
  ];
  const isOneSided = fewest === 0 && tickets > 0;
  const raised: Readonly<Record<GuardRail, false | string>> = {
    no_data:
      (trained.time === 0 || untrained.time === 0) &&
      `there is no ${trained.time === 0 ? 'trained' : 'untrained'} time in the window`,
    hardly_comparable:
      findings.overlap !== null &&
      findings.overlap < LIMITS.overlapMin &&
      `groups hardly comparable: only ${percent(findings.overlap)} of trained time has untrained time of the same strata beside it`,
    already_changing:
      findings.preTrendP !== null &&
      findings.preTrendP < LIMITS.preTrendP &&
      `trained customers were already changing before they were trained (p = ${round(findings.preTrendP)}): part of the difference is older than the training`,
    unresolved_accounts:
      findings.unresolvedShare > LIMITS.unresolvedMax &&
      `${percent(findings.unresolvedShare)} of the tickets are of accounts that nobody knows`,
    strata_differ:
      findings.homogeneityP !== null &&
      findings.homogeneityP < LIMITS.homogeneityP &&
      `the ratio is not the same in all strata (p = ${round(findings.homogeneityP)}): look at them, not only at the pool`,
    too_few:
      (tickets < LIMITS.ticketsMin || fewer < LIMITS.accountsMin) &&
      `${tickets} tickets, ${accounts.trained} accounts with trained and ${accounts.untrained} with untrained time: too few for one ratio`,
    few_accounts:
      findings.accountsWithTickets < LIMITS.accountsWithTicketsMin &&
      `${findings.accountsWithTickets} accounts with tickets, fewer than ${LIMITS.accountsWithTicketsMin}: no alert should hang on this`,
    few_tickets:
      fewest < TICKETS_OF_GROUP_MIN &&
      `${fewest} tickets in ${trained.events < untrained.events ? 'trained' : 'untrained'} time, fewer than ${TICKETS_OF_GROUP_MIN}: the interval is that of small counts`,
    nothing_in_a_group: isOneSided && 'no tickets in one group: the ratio has one limit only',
    overdispersed:
      !findings.isClustered &&
      findings.dispersion !== null &&
      findings.dispersion > LIMITS.dispersionMax &&
      `tickets of one account come together (dispersion ${round(findings.dispersion)}): an interval that takes them for independent is refused`,
    first_look_too_early:
      findings.areLooksRepeated &&
      (tickets < LIMITS.firstLook.tickets ||
        accounts.trained + accounts.untrained < LIMITS.firstLook.accounts) &&
      `a comparison that is looked at as it grows begins with ${LIMITS.firstLook.tickets} tickets and ${LIMITS.firstLook.accounts} accounts`,
  };
  return GUARD_RAILS.flatMap((code) => {
    const text = raised[code];
    return text === false ? [] : [{ code, text }];
  });
}

const SUSPECT: readonly GuardRail[] = [
  'hardly_comparable',
  'already_changing',
  'unresolved_accounts',
];
const LOW: readonly GuardRail[] = [
  'too_few',
  'few_tickets',
  'nothing_in_a_group',
  'first_look_too_early',
];

/** The status of the whole, as of every value (KPI_SPEC 1.5). */
export function statusOf(raised: readonly Raised[]): 'ok' | 'no_data' | 'suspect' | 'low_n' {
  const has = (codes: readonly GuardRail[]): boolean =>
    raised.some(({ code }) => codes.includes(code));
  if (has(['no_data'])) return 'no_data';
  if (has(SUSPECT)) return 'suspect';
  return has(LOW) ? 'low_n' : 'ok';
}

/** Whether the ratio may stand as the answer. */
export function mayHeadline(raised: readonly Raised[]): boolean {
  return !raised.some(({ code }) => ['no_data', 'too_few', 'first_look_too_early'].includes(code));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function round(value: number): string {
  return value < 0.001 ? 'below 0.001' : value.toFixed(3);
}
