import { Fault } from '@kpi/core';

export interface RateLimitOptions {
  /** Events per second that one caller may send, averaged over {@link BURST_S}. */
  readonly eventsPerS: number;
  readonly clock: () => number;
}

/** A limit per caller, per process: with n ingest processes a caller has n times as much. */
export interface RateLimit {
  /** Throws `rate_limited` while the caller is in debt. */
  check(caller: string): void;
  /** Take events off the caller's budget. It may go into debt, so a request is never cut in two. */
  charge(caller: string, events: number): void;
  /** Whole seconds until the caller is out of debt; at least 1. */
  retryAfterS(caller: string): number;
}

/** A caller that was quiet may send this many seconds' worth at once. */
const BURST_S = 2;
/** Callers remembered; tenants without keys come from outside, so there is a limit. Forgetting one forgives its debt. */
const CALLERS_MAX = 10_000;

interface Bucket {
  readonly budget: number;
  readonly at: number;
}

export function createRateLimit({ eventsPerS, clock }: RateLimitOptions): RateLimit {
  const buckets = new Map<string, Bucket>();
  const full = eventsPerS * BURST_S;
  const budgetOf = (caller: string): number => {
    const bucket = buckets.get(caller);
    if (bucket === undefined) return full;
    return Math.min(full, bucket.budget + ((clock() - bucket.at) / 1_000) * eventsPerS);
  };
  return {
    check(caller) {
      if (budgetOf(caller) < 0) {
        throw new Fault('rate_limited', `more than ${eventsPerS} events per second`);
      }
    },
    charge(caller, events) {
      const budget = budgetOf(caller) - events;
      if (buckets.size >= CALLERS_MAX && !buckets.has(caller)) buckets.clear();
      buckets.set(caller, { budget, at: clock() });
    },
    retryAfterS(caller) {
      return Math.max(1, Math.ceil(-budgetOf(caller) / eventsPerS));
    },
  };
}
