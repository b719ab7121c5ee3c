import { describe, expect, test } from 'vitest';

import { conditionalRatio } from './before-after.ts';
import { clusteredRatio } from './clustered-ratio.ts';
import { type ContrastTime } from './contrast.ts';
import { differenceInDifferences } from './difference-in-differences.ts';
import { mantelHaenszel } from './mantel-haenszel.ts';
import { type RateGroup } from './person-time.ts';
import { logWaldRatio, rateRatio } from './rate-ratio.ts';
import { type StratumTime } from './strata.ts';

/** Tickets and time, in periods of 28 days, of one account in one stretch of equal tenure. */
interface Stretch extends RateGroup {
  readonly account: string;
  readonly group: 'N' | 'L' | 'T';
  readonly tenure: 'first' | 'second and third' | 'later';
  readonly isTrained: boolean;
}

/** A stretch of many accounts, with tickets dealt out as evenly as whole ones can be. */
function stretches(
  accounts: number,
  tickets: number,
  common: Omit<Stretch, 'account' | 'events'>,
): readonly Stretch[] {
  return Array.from({ length: accounts }, (_, index) => ({
    ...common,
    account: `${common.group}${index}`,
    events:
      Math.floor(((index + 1) * tickets) / accounts) - Math.floor((index * tickets) / accounts),
  }));
}

/** The company of STATISTICS.md 9: N leave early and untrained, L stay untrained, T are trained after three periods. */
function company(ratio: number): readonly Stretch[] {
  const first = { tenure: 'first', time: 1, isTrained: false } as const;
  const second = { tenure: 'second and third', time: 2, isTrained: false } as const;
  const later = { tenure: 'later', time: 10 } as const;
  return [
    ...stretches(600, 600, { group: 'N', ...first }),
    ...stretches(100, 100, { group: 'L', ...first }),
    ...stretches(100, 100, { group: 'L', ...second }),
    ...stretches(100, 200, { group: 'L', ...later, isTrained: false }),
    ...stretches(400, 400, { group: 'T', ...first }),
    ...stretches(400, 400, { group: 'T', ...second }),
    ...stretches(400, Math.round(800 * ratio), { group: 'T', ...later, isTrained: true }),
  ];
}

function total(all: readonly Stretch[]): RateGroup & { readonly accounts: number } {
  return {
    events: all.reduce((sum, { events }) => sum + events, 0),
    time: all.reduce((sum, { time }) => sum + time, 0),
    accounts: new Set(all.map(({ account }) => account)).size,
  };
}

/** The same stretch as untrained or trained time of its account. */
function cellsOf(all: readonly Stretch[]): readonly StratumTime[] {
  return all.map(({ account, tenure, events, time, isTrained }) => ({
    account,
    stratum: tenure,
    ...(isTrained ? { a: events, t1: time, b: 0, t0: 0 } : { a: 0, t1: 0, b: events, t0: time }),
  }));
}

/** T against those who were still there, from the same tenure on. */
function contrastOf(all: readonly Stretch[]): readonly ContrastTime[] {
  return all.flatMap(({ account, group, tenure, events, time }) =>
    group === 'N'
      ? []
      : [{ account, isTreated: group === 'T', isAfter: tenure === 'later', events, time }],
  );
}

describe.each([
  { ratio: 1, perAccount: 2.8, perTime: 0.5846, crude: 0.3444, within: 0.3 },
  { ratio: 0.7, perAccount: 2.38, perTime: 0.4969, crude: 0.2411, within: 0.21 },
])('with a true ratio of $ratio', ({ ratio, perAccount, perTime, crude, within }) => {
  const all = company(ratio);
  const ever = all.filter(({ group }) => group === 'T');
  const never = all.filter(({ group }) => group !== 'T');

  test('those ever and never trained differ per account and per person-time, both wrongly', () => {
    const byAccount = [ever, never].map((group) => total(group).events / total(group).accounts);
    expect((byAccount[0] ?? 0) / (byAccount[1] ?? 0)).toBeCloseTo(perAccount, 4);
    expect(rateRatio(total(ever), total(never))).toBeCloseTo(perTime, 4);
  });

  test('trained and untrained time differ, wrongly while tenure is left out', () => {
    const pairs = [...Map.groupBy(cellsOf(all), ({ account }) => account).values()].map(
      (cells) => ({
        a: cells.reduce((sum, { a }) => sum + a, 0),
        t1: cells.reduce((sum, { t1 }) => sum + t1, 0),
        b: cells.reduce((sum, { b }) => sum + b, 0),
        t0: cells.reduce((sum, { t0 }) => sum + t0, 0),
      }),
    );
    expect(clusteredRatio(pairs).ratio).toBeCloseTo(crude, 4);
    const before = ever.filter(({ isTrained }) => !isTrained);
    const after = ever.filter(({ isTrained }) => isTrained);
    expect(rateRatio(total(after), total(before))).toBeCloseTo(within, 12);
    expect(conditionalRatio(pairs)?.ratio).toBeCloseTo(within, 12);
  });

  test('Mantel and Haenszel by tenure give the truth, and tell how much was compared', () => {
    const pooled = mantelHaenszel(cellsOf(all));
    expect(pooled?.ratio).toBeCloseTo(ratio, 12);
    expect(pooled?.overlap).toMatchObject({ time1: 1, events1: 1, events0: 200 / 1_800 });
    expect(pooled?.overlap.time0).toBeCloseTo(0.323, 3);
    expect(pooled?.accounts).toBe(500);
  });

  test('so does the difference in differences against accounts of equal tenure', () => {
    const estimate = differenceInDifferences(contrastOf(all));
    expect(estimate?.ratio).toBeCloseTo(ratio, 12);
    expect(estimate?.overlap).toEqual({ time: 1, events: 1 });
    const matched = contrastOf(all).map((cell) => ({ ...cell, stratum: 'trained after 84 days' }));
    expect(differenceInDifferences(matched)).toEqual(estimate);
  });
});

test.each([
  [1, 0.8565, 1.1676],
  [0.7, 0.5956, 0.8227],
])(
  'of the stratum used, with a ratio of %d, the plain interval is the published one',
  (...published) => {
    const [ratio, low, high] = published;
    const later = company(ratio).filter(({ tenure }) => tenure === 'later');
    const trained = total(later.filter(({ isTrained }) => isTrained));
    const untrained = total(later.filter(({ isTrained }) => !isTrained));
    expect(logWaldRatio(trained, untrained)).toEqual({
      low: expect.closeTo(low, 4),
      high: expect.closeTo(high, 4),
    });
  },
);
