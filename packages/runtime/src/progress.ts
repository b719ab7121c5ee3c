import { type Readiness } from './service.ts';

/** Lag without movement for so long means that a worker is alive but not working. */
const STALLED_MS = 30_000;

/** How a consumer of the log tells its progress. */
export interface Progressing {
  lag(): readonly { readonly lag: number }[];
  /** When something was last applied, ms. */
  lastProgressAt(): number;
}

/** Ready while there is nothing to do or something was done lately: readiness is progress, not a process. */
export function progressReadiness(name: string, consumer: Progressing, nowMs: number): Readiness {
  const lag = consumer.lag().reduce((sum, one) => sum + one.lag, 0);
  const quietMs = nowMs - consumer.lastProgressAt();
  if (lag === 0 || quietMs < STALLED_MS) return { isReady: true };
  return {
    isReady: false,
    reason: `${name} is ${lag} events behind and has not moved for ${Math.round(quietMs / 1000)} s`,
  };
}
