import { type FaultCode } from '@kpi/core';

import { type Readiness } from './service.ts';

/** Lag without movement for so long means that a worker is alive but not working. */
const STALLED_MS = 30_000;

/** A fault that passes is not worth a word until it has lasted for so long: most are gone with the second try. */
const OBSTACLE_MS = 3_000;

/** What keeps work from going on just now, and since when (ms). */
export interface Obstacle {
  readonly since: number;
  /** Code of the fault that is met. */
  readonly code: FaultCode;
  readonly reason: string;
}

/** How a consumer of the log tells its progress. */
export interface Progressing {
  lag(): readonly { readonly lag: number }[];
  /** When something was last applied, ms. */
  lastProgressAt(): number;
  /** What is in the way, if anything is: an engine that does not answer. */
  obstacle(): Obstacle | undefined;
}

/**
 * Ready while nothing is in the way and there is nothing to do or something was done lately: readiness is progress, not a
 * process.
 */
export function progressReadiness(name: string, consumer: Progressing, nowMs: number): Readiness {
  const obstacle = consumer.obstacle();
  const waitedMs = obstacle === undefined ? 0 : nowMs - obstacle.since;
  if (obstacle !== undefined && waitedMs >= OBSTACLE_MS)
    return {
      isReady: false,
      reason: `${name} has waited for ${seconds(waitedMs)}: ${obstacle.reason}`,
    };
  const lag = consumer.lag().reduce((sum, one) => sum + one.lag, 0);
  const quietMs = nowMs - consumer.lastProgressAt();
  if (lag === 0 || quietMs < STALLED_MS) return { isReady: true };
  return {
    isReady: false,
    reason: `${name} is ${lag} events behind and has not moved for ${seconds(quietMs)}`,
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

/** The obstacle that has lasted longest. */
export function longest(obstacles: readonly (Obstacle | undefined)[]): Obstacle | undefined {
  return obstacles
    .filter((one) => one !== undefined)
    .toSorted((a, b) => a.since - b.since)
    .at(0);
}
