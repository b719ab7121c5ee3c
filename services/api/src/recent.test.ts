import { expect, test } from 'vitest';

import { Recent } from './recent.ts';

function counting() {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return { number: reads };
  };
  return { read, reads: () => reads };
}

test('what was read a moment ago is told again, to everybody who asks meanwhile too', async () => {
  const recent = new Recent<{ number: number }>({ forMs: 60_000, countMax: 10, clock: () => 1 });
  const { read } = counting();
  const all = await Promise.all([recent.of('a', read), recent.of('a', read)]);
  expect(all).toEqual([{ number: 1 }, { number: 1 }]);
  expect(await recent.of('a', read)).toEqual({ number: 1 });
  expect(await recent.of('b', read)).toEqual({ number: 2 });
});

test('after its time it is read anew', async () => {
  let now = 5_000;
  const recent = new Recent<{ number: number }>({ forMs: 1_000, countMax: 10, clock: () => now });
  const { read } = counting();
  await recent.of('a', read);
  now += 1_000;
  expect(await recent.of('a', read)).toEqual({ number: 1 });
  now += 1;
  expect(await recent.of('a', read)).toEqual({ number: 2 });
});

test('a failure is told to who asked, and not remembered', async () => {
  const recent = new Recent<{ number: number }>({ forMs: 60_000, countMax: 10, clock: () => 1 });
  await expect(recent.of('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  const { read } = counting();
  expect(await recent.of('a', read)).toEqual({ number: 1 });
});
