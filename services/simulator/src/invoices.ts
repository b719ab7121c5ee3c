import { days } from '@kpi/core';

import type { Account } from './account.ts';
import { failure } from './billing.ts';
import { type Draft, draft } from './draft.ts';
import { mrrMinor } from './plans.ts';
import { type Random, createRandom } from './random.ts';
import { type Spell, termsAt } from './subscription.ts';

/** A billing month, in every month of the year. */
const MONTH_MS = days(30);
const TAX_PERCENT = 20;
const FAILED_FIRST_SHARE = 0.05;
const REFUND_SHARE = 0.025;
const DISPUTE_SHARE = 0.004;

interface Invoice {
  readonly id: string;
  readonly paidAt: number;
  readonly amountMinor: number;
  readonly from: number;
  readonly subscriptionId: string;
}

/** Monthly invoices in advance over all paid time, with now and then a refund or a lost dispute. */
export function invoiceDrafts(account: Account): readonly Draft[] {
  return account.life.spells.flatMap((spell) => {
    const drafts: Draft[] = [];
    for (let from = spell.from; from < spell.to; from += MONTH_MS) {
      drafts.push(...monthDrafts(account, spell, from));
    }
    return drafts;
  });
}

function monthDrafts(account: Account, spell: Spell, from: number): readonly Draft[] {
  const terms = termsAt(spell, from);
  if (terms === undefined) return [];
  const id = `${spell.subscriptionId}-inv-${Math.round((from - spell.from) / MONTH_MS) + 1}`;
  const random = createRandom(account.seed, id);
  const isLatePayer = random.chance(FAILED_FIRST_SHARE);
  const paidAt = from + (isLatePayer ? days(3) : 0);
  const amountMinor = mrrMinor(terms.plan, terms.seats, account.currency);
  const invoice = { id, paidAt, amountMinor, from, subscriptionId: spell.subscriptionId };
  const failed = isLatePayer
    ? [failure(account, spell, { at: from, invoiceId: id, attempt: 1 })]
    : [];
  return [...failed, payment(account, invoice), ...reversals(account, invoice, random)];
}

function payment(account: Account, invoice: Invoice): Draft {
  return draft({
    id: `${invoice.id}:paid`,
    type: 'billing.invoice_paid',
    source: 'billing',
    at: invoice.paidAt,
    accountId: account.id,
    properties: {
      invoice_id: invoice.id,
      amount_net_minor: invoice.amountMinor,
      tax_minor: Math.round((invoice.amountMinor * TAX_PERCENT) / 100),
      currency: account.currency,
      purchase_count: 1,
      subscription_id: invoice.subscriptionId,
    },
    instants: { period_start: invoice.from, period_end: invoice.from + MONTH_MS },
  });
}

function reversals(account: Account, invoice: Invoice, random: Random): readonly Draft[] {
  const kind = random.pick(['none', 'refund', 'dispute'] as const, [
    1 - REFUND_SHARE - DISPUTE_SHARE,
    REFUND_SHARE,
    DISPUTE_SHARE,
  ]);
  if (kind === 'none') return [];
  const isRefund = kind === 'refund';
  const isPartial = isRefund && random.chance(0.5);
  return [
    draft({
      id: `${invoice.id}:${kind}`,
      type: isRefund ? 'billing.refund_issued' : 'billing.dispute_lost',
      source: 'billing',
      at: invoice.paidAt + random.between(days(2), days(isRefund ? 12 : 40)),
      accountId: account.id,
      properties: {
        invoice_id: invoice.id,
        amount_minor: isPartial ? Math.round(invoice.amountMinor / 2) : invoice.amountMinor,
        currency: account.currency,
      },
    }),
  ];
}
