import { assertCount } from './interval.ts';

/** Events of a group in its person-time, in any unit of time that all groups share. */
export interface RateGroup {
  readonly events: number;
  readonly time: number;
}

/** One account: its events and time in group 1 and in group 0. One of the times may be 0. */
export interface PairedTime {
  readonly a: number;
  readonly t1: number;
  readonly b: number;
  readonly t0: number;
}

/** Throws a RangeError unless the events are whole and the time is positive: without time there is no rate. */
export function assertGroup({ events, time }: RateGroup): void {
  assertPiece(events, time);
  if (time === 0) throw new RangeError('a rate needs person-time');
}

/** Throws a RangeError unless the events are whole, the time is not negative, and events did not happen in no time. */
export function assertPiece(events: number, time: number): void {
  assertCount('events', events);
  if (!(time >= 0 && Number.isFinite(time))) throw new RangeError(`${time} is no length of time`);
  if (events > 0 && time === 0) throw new RangeError(`${events} events need some person-time`);
}

/** Throws a RangeError when one of the two halves is impossible. */
export function assertPaired({ a, t1, b, t0 }: PairedTime): void {
  assertPiece(a, t1);
  assertPiece(b, t0);
}
