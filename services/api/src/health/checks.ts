import { Fault } from '@kpi/core';
import type { Clock } from '@kpi/runtime';

import { within } from '../deadline.ts';
import type { HealthAnswer } from './health-answer.ts';

type EngineHealth = HealthAnswer['engines'][number];

/** How an engine answered one question. */
export interface Check<Answer> {
  readonly engine: EngineHealth;
  /** Absent when the engine is down. */
  readonly answer: Answer | undefined;
}

/** A page waits for this; an engine that needs longer is of no use to anybody just now. */
const CHECK_MS_MAX = 4_000;

/** Ask an engine something. A Fault or no answer in time is `down`; anything else is a bug and passes. */
export async function check<Answer>(
  name: EngineHealth['name'],
  clock: Clock,
  ask: () => Promise<Answer>,
): Promise<Check<Answer>> {
  const begun = clock();
  const deadline = {
    ms: CHECK_MS_MAX,
    code: 'service_unreachable',
    task: `a check of ${name}`,
  } as const;
  try {
    const answer = await within(deadline, ask);
    return { engine: { name, state: 'up', answer_ms: clock() - begun }, answer };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { engine: { name, state: 'down', answer_ms: null }, answer: undefined };
  }
}
