import { expect, test } from 'vitest';

import { EventRate } from './event-rate.ts';

test('the rate is the rise over the last ten seconds', () => {
  const rate = new EventRate();
  expect(rate.read().perSecond).toBe(0);
  for (let second = 0; second <= 30; second += 1)
    rate.add(second * 1_000, second < 20 ? 0 : (second - 20) * 50);
  expect(rate.read()).toEqual({ perSecond: 50, overMs: 10_000 });
});

test('a counter that was set back starts anew, it does not count backwards', () => {
  const rate = new EventRate();
  rate.add(0, 1_000);
  rate.add(1_000, 10);
  rate.add(2_000, 30);
  expect(rate.read()).toEqual({ perSecond: 20, overMs: 1_000 });
});
