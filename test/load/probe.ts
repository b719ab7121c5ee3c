import { type KpiEvent } from '@kpi/core';

import { event } from '../support/event.ts';

/** A KPI of which each probe changes one number by one. */
export const PROBE_KPI = 'csat_score';

/** The answer of a person nobody else is, so that answers seen = probes seen. */
export function probeEvent(number: number, nowMs: number): KpiEvent {
  return event('survey.response_submitted', {
    event_id: `probe-${number}`,
    occurred_at: nowMs,
    account_id: `probe-account-${number}`,
    user_id: `probe-user-${number}`,
    instance_id: `probe-${number}`,
    score: 5,
  });
}

/** Which probes are visible somewhere, and how long each took from its acknowledgement. */
export class Sightings {
  readonly #acknowledgedAt: readonly number[];
  readonly #delaysMs: number[] = [];

  /** `acknowledgedAt` grows by one moment per probe. */
  constructor(acknowledgedAt: readonly number[]) {
    this.#acknowledgedAt = acknowledgedAt;
  }

  /** Say that the first `count` probes are visible at `at`. Those that are not acknowledged yet count from then on as 0. */
  see(count: number, at: number): void {
    for (let number = this.#delaysMs.length; number < count; number += 1) {
      const acknowledgedAt = this.#acknowledgedAt[number];
      this.#delaysMs.push(acknowledgedAt === undefined ? 0 : Math.max(0, at - acknowledgedAt));
    }
  }

  /** Probes seen. */
  get count(): number {
    return this.#delaysMs.length;
  }

  /** Milliseconds from 202 to visible, of every probe seen. */
  get delaysMs(): readonly number[] {
    return this.#delaysMs;
  }
}
