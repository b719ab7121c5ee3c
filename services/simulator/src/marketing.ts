import { days } from '@kpi/core';

import { type Draft, draft } from './draft.ts';
import { createRandom } from './random.ts';

const WEEK_MS = days(7);
const SWING = 0.25;

interface Budget {
  readonly channel: string;
  readonly kind: 'marketing' | 'sales';
  /** What a usual week costs, minor units. */
  readonly weekMinor: number;
  readonly currency: 'EUR' | 'USD';
}

const BUDGETS: readonly Budget[] = [
  { channel: 'paid-search', kind: 'marketing', weekMinor: 1_100_00, currency: 'USD' },
  { channel: 'event', kind: 'marketing', weekMinor: 650_00, currency: 'EUR' },
  { channel: 'partner', kind: 'marketing', weekMinor: 300_00, currency: 'EUR' },
  { channel: 'organic', kind: 'marketing', weekMinor: 200_00, currency: 'EUR' },
  { channel: 'sales', kind: 'sales', weekMinor: 1_600_00, currency: 'EUR' },
];

/** What each week cost, told when it is over. Endless. */
export function* marketingDrafts(seed: string, companyFrom: number): Generator<Draft> {
  for (let week = 0; ; week += 1) {
    const from = companyFrom + week * WEEK_MS;
    for (const budget of BUDGETS) yield spend(budget, { seed, week, from });
  }
}

function spend(
  { channel, kind, weekMinor, currency }: Budget,
  { seed, week, from }: { readonly seed: string; readonly week: number; readonly from: number },
): Draft {
  const random = createRandom(seed, 'marketing', channel, week);
  const amount = Math.round(weekMinor * (1 + random.between(-SWING, SWING)));
  const id = `spend:${channel}:${week}`;
  return draft({
    id,
    type: 'marketing.spend_recorded',
    source: 'finance',
    at: from + WEEK_MS,
    properties: { spend_id: id, amount_minor: amount, currency, kind, channel },
    instants: { period_start: from, period_end: from + WEEK_MS },
  });
}
