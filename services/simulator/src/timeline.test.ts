import { days } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { toCanonicalEvent } from './canonical-event.ts';
import { historyDrafts } from './history.ts';
import { resume } from './live.ts';
import type { DemoState } from './state.ts';
import { toCompany, toWall } from './timeline.ts';

const LIVE_FROM = Date.UTC(2026, 5, 1);
const BEGINNING: DemoState = {
  version: 1,
  seed: 'timeline',
  from: LIVE_FROM - days(30),
  liveFrom: LIVE_FROM,
  timeline: [],
  sentTo: LIVE_FROM,
  plannedTo: LIVE_FROM,
  treasuryTo: LIVE_FROM,
};

/** Starts of the demo: the wall-clock pause before each, how long it ran, and how far ahead it had planned. */
const starts = fc.array(
  fc.record({
    pauseMs: fc.nat(days(2)),
    ranMs: fc.nat(days(1) / 4),
    aheadMs: fc.nat(60_000),
    speed: fc.double({ min: 1, max: 1_000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
);

interface Crash {
  readonly before: DemoState;
  readonly restartAt: number;
}

/** The state that a crash leaves behind after some starts, and when the next start is. */
function crashAfter(runs: typeof starts extends fc.Arbitrary<infer Runs> ? Runs : never): Crash {
  let now = LIVE_FROM;
  let state = BEGINNING;
  for (const { pauseMs, ranMs, aheadMs, speed } of runs) {
    now += pauseMs;
    const begun = resume(state, { now, speed });
    now += ranMs;
    const sentTo = toCompany(begun.timeline, now);
    state = { ...begun, sentTo, plannedTo: Math.ceil(sentTo + aheadMs * speed) };
  }
  return { before: state, restartAt: now };
}

test('what may have been sent before a crash is sent again exactly as it was', () => {
  const drafts = [
    ...historyDrafts({ seed: 'timeline', from: LIVE_FROM - days(30), to: LIVE_FROM + days(60) }),
  ];
  fc.assert(
    fc.property(starts, fc.nat(60_000), (runs, waitMs) => {
      const { before, restartAt } = crashAfter(runs);
      const after = resume(before, { now: restartAt + waitMs, speed: 100 });
      const inDoubt = drafts.filter(({ sendAt }) => sendAt < before.plannedTo).slice(-200);
      for (const draft of inDoubt) {
        expect(toCanonicalEvent(draft, after.timeline)).toEqual(
          toCanonicalEvent(draft, before.timeline),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test('company time never runs backwards on the wall', () => {
  fc.assert(
    fc.property(starts, fc.array(fc.nat(days(300)), { minLength: 2 }), (runs, offsets) => {
      const { before } = crashAfter(runs);
      const walls = offsets
        .toSorted((a, b) => a - b)
        .map((offset) => toWall(before.timeline, LIVE_FROM - days(20) + offset));
      expect(walls).toEqual(walls.toSorted((a, b) => a - b));
    }),
  );
});

test('no event lies in the future when its time has come', () => {
  fc.assert(
    fc.property(starts, fc.nat(days(3)), (runs, laterMs) => {
      const { before, restartAt } = crashAfter(runs);
      const { timeline } = resume(before, { now: restartAt, speed: 50 });
      const wall = (timeline.at(-1)?.wallMs ?? 0) + laterMs;
      expect(toWall(timeline, toCompany(timeline, wall))).toBeLessThanOrEqual(wall);
    }),
  );
});

test('history keeps its own instants', () => {
  const { timeline } = resume(BEGINNING, { now: LIVE_FROM + 5_000, speed: 200 });
  expect(toWall(timeline, LIVE_FROM - 1)).toBe(LIVE_FROM - 1);
  expect(toWall(timeline, LIVE_FROM)).toBe(LIVE_FROM + 5_000);
  expect(toWall(timeline, LIVE_FROM + 200_000)).toBe(LIVE_FROM + 6_000);
});
