import { days } from '@kpi/core';

import { runDrafts } from './academy.ts';
import { type Account, drawAccount } from './account.ts';
import { subscriptionDrafts } from './billing.ts';
import { type Draft, withRepetition } from './draft.ts';
import { invoiceDrafts } from './invoices.ts';
import { marketingDrafts } from './marketing.ts';
import { type DraftBatch, type DraftStream, inOrder, mergeStreams } from './ordering.ts';
import { type Period, periods } from './period.ts';
import { actionDrafts, arrivalDrafts } from './product.ts';
import { prospectBatches } from './prospects.ts';
import { createRandom } from './random.ts';
import { invitationDrafts, referralDrafts } from './referrals.ts';
import { generalSurveyDrafts } from './surveys.ts';
import { ticketDrafts } from './tickets.ts';

/** Which company: the same values give the same events, for ever. */
export interface Company {
  readonly seed: string;
  /** When it began, ms since the epoch. */
  readonly from: number;
  /** Product actions before this instant are sampled, later ones all told. */
  readonly toldFullyFrom: number;
}

/** 300 accounts in 400 days. */
const ARRIVAL_EVERY_MS = days(400) / 300;
/** An account is recommended by one of so many that came before it. */
const REFERRERS_MAX = 50;
/** Courses and surveys may outlast the last paid day by this much. */
const AFTERLIFE_MS = days(90);

/** Everything the company's systems ever report, in order of reporting. Endless; memory holds the living accounts. */
export function companyDrafts(company: Company): Generator<Draft> {
  const { seed, from } = company;
  return mergeStreams([
    { from, drafts: mergeStreams(accountStreams(company)) },
    { from, drafts: inOrder(prospectBatches(seed, from)) },
    { from, drafts: marketingDrafts(seed, from) },
  ]);
}

/** The accounts of the company in order of their first contact, without end. */
export function* companyAccounts(company: Pick<Company, 'seed' | 'from'>): Generator<Account> {
  const random = createRandom(company.seed, 'arrivals');
  let at = company.from;
  for (let number = 1; ; number += 1) {
    at += random.exponential(ARRIVAL_EVERY_MS);
    const firstContactAt = Math.floor(at);
    yield drawAccount({ seed: company.seed, companyFrom: company.from, number, firstContactAt });
  }
}

function* accountStreams(company: Company): Generator<DraftStream> {
  const earlier: Account[] = [];
  for (const account of companyAccounts(company)) {
    const invitation = invitationDrafts(account, earlier);
    yield {
      from: account.firstContactAt,
      drafts: inOrder(accountBatches(account, invitation, company.toldFullyFrom)),
    };
    earlier.push(account);
    if (earlier.length > REFERRERS_MAX) earlier.shift();
  }
}

function* accountBatches(
  account: Account,
  invitation: readonly Draft[],
  toldFullyFrom: number,
): Generator<DraftBatch> {
  const whole = [
    ...arrivalDrafts(account),
    ...invitation,
    ...subscriptionDrafts(account),
    ...invoiceDrafts(account),
    ...account.runs.flatMap(runDrafts),
  ];
  yield { from: account.firstContactAt, drafts: whole.flatMap(withRepetition) };
  const lastUse = account.life.spells.at(-1)?.to ?? account.life.trial.to;
  for (const period of periods(account.firstContactAt, lastUse + AFTERLIFE_MS)) {
    yield { from: period.from, drafts: periodDrafts(account, period, toldFullyFrom) };
  }
}

function periodDrafts(account: Account, period: Period, toldFullyFrom: number): readonly Draft[] {
  return [
    ...ticketDrafts(account, period),
    ...generalSurveyDrafts(account, period),
    ...referralDrafts(account, period),
    ...actionDrafts(account, period, toldFullyFrom),
  ].flatMap(withRepetition);
}
