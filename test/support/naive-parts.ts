import { type KpiEvent, type KpiQuery } from '@kpi/core';

import { type NaiveAccount } from './naive-account.ts';
import { type NaiveRates } from './naive-money.ts';

/** What one unit adds to a component of its group: a number, itself once, or money still to be converted. */
export type Part = {
  readonly component: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** A dimension of which it knows nothing: it stands in every group, whatever the value, and makes none. */
  readonly whatever?: string;
} & (
  | { readonly amount: number }
  | { readonly distinct: string }
  /** With all others of the same entity: their mean in 720,720ths, cut off, to a power. */
  | { readonly mean: number; readonly of: string; readonly power: 1 | 2 }
  /** The same for the whole group, if anything else counts in it. */
  | { readonly once: bigint }
  /** Money that may have no rate: each currency and date whose sum is not 0 and cannot be converted is one. */
  | {
      readonly unpriced: number;
      readonly currency: string;
      readonly date: string;
      /** Tells apart sums that ask for the rate of the same date. */
      readonly lot?: string;
    }
  | { readonly money: number; readonly currency: string; readonly date: string }
);

/** Everything a definition may look at: the events known at t, and what is timeless. */
export interface Moment {
  readonly t: number;
  readonly windowMs: number;
  readonly clipAt: number;
  /** Effective events with `occurred_at < t`. */
  readonly known: readonly KpiEvent[];
  /** All effective events: only timeless ones, and hours of activity, may be read here. */
  readonly timeless: readonly KpiEvent[];
  readonly rates: NaiveRates;
  readonly definitions: KpiQuery['definitions'];
  /** The account as known at t; undefined for none and for internal ones, which are told apart by {@link isInternal}. */
  readonly accounts: ReadonlyMap<string, NaiveAccount>;
  readonly isInternal: (accountId: string | null) => boolean;
}
