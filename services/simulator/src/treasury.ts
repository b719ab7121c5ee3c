import { DAY_MS, days, hours } from '@kpi/core';

import { type Draft, draft } from './draft.ts';
import { createRandom } from './random.ts';

const PUBLISHED_AT_MS = hours(15);
const SWING = 0.03;
const SWING_PERIOD_DAYS = 170;
const NOISE = 0.004;
const GROSS_MARGIN = '0.78';
/** Rates are there before the first sale. */
const LEAD_MS = days(3);

const PAIRS = [
  { base: 'USD', quote: 'EUR', around: 0.92 },
  { base: 'GBP', quote: 'EUR', around: 1.17 },
] as const;

/** The margin, and each afternoon the exchange rates of the day. Follows the calendar, not the company's pace. */
export function* treasuryDrafts(seed: string, companyFrom: number): Generator<Draft> {
  const from = companyFrom - LEAD_MS;
  yield draft({
    id: 'margin:1',
    type: 'margin.set',
    source: 'treasury',
    at: from,
    properties: { margin: GROSS_MARGIN },
    instants: { valid_from: from },
  });
  for (let day = Math.floor(from / DAY_MS) + 1; ; day += 1) {
    for (const pair of PAIRS) yield rate(seed, pair, day);
  }
}

function rate(seed: string, pair: (typeof PAIRS)[number], day: number): Draft {
  const { base, quote, around } = pair;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const noise = createRandom(seed, base, day).between(-NOISE, NOISE);
  const swing = SWING * Math.sin((2 * Math.PI * day) / SWING_PERIOD_DAYS);
  return draft({
    id: `fx:${base}${quote}:${date}`,
    type: 'fx.rate_published',
    source: 'treasury',
    at: day * DAY_MS + PUBLISHED_AT_MS,
    properties: { base, quote, rate: (around * (1 + swing + noise)).toFixed(5), date },
  });
}
