import { type Exposure } from './cells.ts';

/** A comparison as it is usually made, and why it misleads. Shown beside the real one, never instead of it. */
export interface Unadjusted {
  readonly name: (typeof UNADJUSTED)[number];
  /** Trained over untrained; null where that is 0 or unknown. */
  readonly ratio: number | null;
  readonly flaw: string;
}

export const UNADJUSTED = [
  'ever_trained_per_account',
  'ever_trained_per_day',
  'trained_time_crude',
  'before_after',
] as const;

const FLAWS: Readonly<Record<(typeof UNADJUSTED)[number], string>> = {
  ever_trained_per_account:
    'accounts that were ever trained have more time in the window, and are older, than those that never were',
  ever_trained_per_day:
    'the time before training counts as trained: to be trained an account had to stay until then (immortal time)',
  trained_time_crude: 'trained time is later in the life of accounts, when they ask less anyway',
  before_after: 'accounts ask less as they grow older, with training or without',
};

/** The naive numbers over the same window (STATISTICS 9). */
export function unadjustedOf({ accounts }: Exposure): readonly Unadjusted[] {
  const isEver = ({ trainedAt }: { readonly trainedAt: number }): boolean => trainedAt < Infinity;
  const [ever, never] = [accounts.filter(isEver), accounts.filter((one) => !isEver(one))];
  const all = sumOf(accounts);
  const [ofEver, ofNever] = [sumOf(ever), sumOf(never)];
  const ratios: Readonly<Record<(typeof UNADJUSTED)[number], number | null>> = {
    ever_trained_per_account: quotient(
      quotient(ofEver.a + ofEver.b, ever.length),
      quotient(ofNever.b, never.length),
    ),
    ever_trained_per_day: quotient(
      quotient(ofEver.a + ofEver.b, ofEver.t1 + ofEver.t0),
      quotient(ofNever.b, ofNever.t0),
    ),
    trained_time_crude: quotient(quotient(all.a, all.t1), quotient(all.b, all.t0)),
    before_after: quotient(quotient(ofEver.a, ofEver.t1), quotient(ofEver.b, ofEver.t0)),
  };
  return UNADJUSTED.map((name) => ({ name, ratio: ratios[name], flaw: FLAWS[name] }));
}

/** Null instead of a division by 0, and of one by or of what is unknown. */
function quotient(top: number | null, bottom: number | null): number | null {
  return top === null || bottom === null || bottom === 0 ? null : top / bottom;
}

function sumOf(accounts: Exposure['accounts']) {
  const sum = { a: 0, t1: 0, b: 0, t0: 0 };
  for (const { a, t1, b, t0 } of accounts) {
    sum.a += a;
    sum.t1 += t1;
    sum.b += b;
    sum.t0 += t0;
  }
  return sum;
}
