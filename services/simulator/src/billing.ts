import { DAY_MS, days } from '@kpi/core';

import type { Account } from './account.ts';
import { type Draft, draft } from './draft.ts';
import { mrrMinor } from './plans.ts';
import { type Random, createRandom } from './random.ts';
import { type Spell, type Terms, termsAt } from './subscription.ts';

const PRODUCT_ID = 'workspace';
const PERIOD_MS = days(28);
/** Share of paid 28-day periods in which billing ends a subscription by mistake and takes it back days later. */
const MISTAKE_SHARE = 0.2;
const FAILED_ATTEMPTS_BEFORE_MS = [days(14), days(9), days(3)] as const;

/** Trial, subscriptions and their changes over the whole life of the account. */
export function subscriptionDrafts(account: Account): readonly Draft[] {
  const { life } = account;
  const [first] = life.spells;
  const trialId = first?.subscriptionId ?? `${account.id}-sub-1`;
  const trial = subscription(account, trialId);
  const terms = { at: life.trial.from, plan: account.plan, seats: account.members.length };
  const begin = trial('started', terms.at, { ...terms, isTrial: true });
  if (first === undefined) return [begin, trialExpiry(account, trialId)];
  return [
    begin,
    ...life.spells.flatMap((spell, index) => spellDrafts(account, spell, index === 0)),
  ];
}

function spellDrafts(account: Account, spell: Spell, isFirst: boolean): readonly Draft[] {
  const change = subscription(account, spell.subscriptionId);
  const termsDrafts = spell.terms.map((terms, index) => {
    const isStart = index === 0 && !isFirst;
    return change(isStart ? 'started' : 'updated', terms.at, terms);
  });
  const random = createRandom(account.seed, spell.subscriptionId, 'billing');
  return [
    ...termsDrafts,
    ...mistakeDrafts(account, spell, random),
    ...partingDrafts(account, spell, random),
    ending(account, spell, { at: spell.to, id: `${spell.subscriptionId}:ended` }),
  ];
}

interface Change extends Pick<Terms, 'plan' | 'seats'> {
  readonly reason?: Terms['reason'];
  readonly isTrial?: boolean;
  readonly cancelAt?: number;
}

type ChangeDraft = (kind: 'started' | 'updated', at: number, change: Change) => Draft;

function subscription(account: Account, subscriptionId: string): ChangeDraft {
  return (kind, at, change) =>
    draft({
      id: `${subscriptionId}:${kind}:${at}`,
      type: `billing.subscription_${kind}`,
      source: 'billing',
      at,
      accountId: account.id,
      properties: {
        subscription_id: subscriptionId,
        product_id: PRODUCT_ID,
        plan_id: change.plan,
        mrr_minor: change.isTrial ? 0 : mrrMinor(change.plan, change.seats, account.currency),
        currency: account.currency,
        quantity: change.seats,
        ...(kind === 'updated' ? { change_reason: change.reason ?? 'other' } : {}),
      },
      ...(change.cancelAt === undefined ? {} : { instants: { cancel_at: change.cancelAt } }),
    });
}

function ending(
  account: Account,
  spell: Spell,
  end: { readonly at: number; readonly id: string; readonly retracts?: string },
): Draft {
  return draft({
    id: end.id,
    type: 'billing.subscription_ended',
    source: 'billing',
    at: end.at,
    accountId: account.id,
    properties: { subscription_id: spell.subscriptionId, ended_reason: spell.endReason },
    ...(end.retracts === undefined ? {} : { retracts: end.retracts }),
  });
}

function trialExpiry(account: Account, subscriptionId: string): Draft {
  return draft({
    id: `${subscriptionId}:ended`,
    type: 'billing.subscription_ended',
    source: 'billing',
    at: account.life.trial.to,
    accountId: account.id,
    properties: { subscription_id: subscriptionId, ended_reason: 'trial_expired' },
  });
}

/** Endings that billing takes back within days: a churn that, in the end, never was. */
function mistakeDrafts(account: Account, spell: Spell, random: Random): readonly Draft[] {
  const drafts: Draft[] = [];
  for (let from = spell.from; from + PERIOD_MS < spell.to; from += PERIOD_MS) {
    const at = Math.floor(from + random.between(days(1), days(20)));
    const until = Math.floor(at + random.between(days(0.5), days(2.5)));
    if (!random.chance(MISTAKE_SHARE)) continue;
    const id = `${spell.subscriptionId}:mistake:${at}`;
    drafts.push(ending(account, spell, { at, id }));
    drafts.push(ending(account, spell, { at: until, id: `${id}:withdrawn`, retracts: id }));
  }
  return drafts;
}

/** What announces the end: a cancellation to the end of the term, or payments that fail. */
function partingDrafts(account: Account, spell: Spell, random: Random): readonly Draft[] {
  if (spell.endReason === 'involuntary') {
    return FAILED_ATTEMPTS_BEFORE_MS.map((beforeMs, index) =>
      failure(account, spell, {
        at: Math.max(spell.from + (index + 1) * DAY_MS, spell.to - beforeMs),
        invoiceId: `${spell.subscriptionId}-inv-last`,
        attempt: index + 1,
      }),
    ).filter(({ at }) => at < spell.to);
  }
  const at = Math.floor(spell.to - random.between(days(1), days(20)));
  const terms = termsAt(spell, at);
  if (terms === undefined) return [];
  const change = subscription(account, spell.subscriptionId);
  return [change('updated', at, { ...terms, reason: 'other', cancelAt: spell.to })];
}

/** A payment that did not go through. */
export function failure(
  account: Account,
  spell: Spell,
  failed: { readonly at: number; readonly invoiceId: string; readonly attempt: number },
): Draft {
  return draft({
    id: `${failed.invoiceId}:failed:${failed.attempt}:${spell.subscriptionId}`,
    type: 'billing.payment_failed',
    source: 'billing',
    at: failed.at,
    accountId: account.id,
    properties: { invoice_id: failed.invoiceId, attempt: failed.attempt },
  });
}
