import { assertCount } from './interval.ts';

/** How many of those who were followed for exactly this long had the event, and how many were lost sight of. */
export interface FollowUp {
  /** Not negative, in any unit of time. */
  readonly time: number;
  /** Age at which they came under observation: at risk after it only. From the beginning when not given or 0. */
  readonly enter?: number;
  readonly events: number;
  readonly censored: number;
}

/** A time with events, and how many could have had one. */
export interface RiskSet {
  readonly time: number;
  readonly events: number;
  readonly atRisk: number;
}

/**
 * The risk set at each time with an event, ascending. At one time events come before the lost, and those who enter come after
 * both. Throws a RangeError on times or counts that are none, and on entries that are not before the end.
 */
export function riskSets(followUps: readonly FollowUp[]): readonly RiskSet[] {
  for (const followUp of followUps) assertFollowUp(followUp);
  const late = followUps
    .filter((one) => enterOf(one) > 0)
    .toSorted((a, b) => enterOf(a) - enterOf(b));
  const ascending = followUps.toSorted((a, b) => a.time - b.time);
  let atRisk = 0;
  for (const one of followUps) if (enterOf(one) === 0) atRisk += sizeOf(one);
  let entered = 0;
  const sets: RiskSet[] = [];
  for (const { time, events, censored } of together(ascending)) {
    for (
      let next = late[entered];
      next !== undefined && enterOf(next) < time;
      next = late[entered]
    ) {
      atRisk += sizeOf(next);
      entered += 1;
    }
    if (events > 0) sets.push({ time, events, atRisk });
    atRisk -= events + censored;
  }
  return sets;
}

function assertFollowUp(followUp: FollowUp): void {
  const { time, events, censored } = followUp;
  if (!(time >= 0 && Number.isFinite(time))) throw new RangeError(`${time} is no length of time`);
  const enter = enterOf(followUp);
  if (enter !== 0 && !(enter > 0 && enter < time))
    throw new RangeError(`nobody enters at ${enter} and leaves at ${time}`);
  assertCount('events', events);
  assertCount('censored', censored);
}

function enterOf({ enter = 0 }: FollowUp): number {
  return enter;
}

function sizeOf({ events, censored }: FollowUp): number {
  return events + censored;
}

/** What ended at each time. */
function together(ascending: readonly FollowUp[]): readonly FollowUp[] {
  const merged: FollowUp[] = [];
  for (const { time, events, censored } of ascending) {
    const last = merged.at(-1);
    if (last?.time !== time) {
      merged.push({ time, events, censored });
      continue;
    }
    merged[merged.length - 1] = {
      time,
      events: last.events + events,
      censored: last.censored + censored,
    };
  }
  return merged;
}
