import { DEFAULT_DEFINITIONS, type Definitions, Fault } from '@kpi/core';
import { createLog, systemClock } from '@kpi/runtime';
import { afterEach, expect, test, vi } from 'vitest';

import { UnitKeeper, type UnitKeeperOptions } from './unit-keeper.ts';

const DEADLINE = { timeout: 5_000, interval: 5 };
const LOOKS = 20;

let keeper: UnitKeeper | undefined;

afterEach(async () => {
  await keeper?.close();
});

/** A keeper of a store at these offsets, and what it kept. */
function start(given: Partial<UnitKeeperOptions> = {}) {
  const bounds: unknown[] = [];
  const store = { offset: 1, looks: 0, definitions: new Map<string, Definitions>() };
  keeper = new UnitKeeper({
    history: {
      keep: ({ bound }) => {
        bounds.push(bound);
        return Promise.resolve();
      },
    },
    lease: { hold: () => Promise.resolve(true) },
    readBound: () => {
      store.looks += 1;
      return Promise.resolve(new Map([['t:0', store.offset]]));
    },
    readDefinitions: () => Promise.resolve(store.definitions),
    intervalMs: 1,
    log: createLog({ name: 'test', level: 'silent' }),
    clock: systemClock,
    onKept: () => undefined,
    ...given,
  });
  keeper.start();
  return { bounds, store };
}

test('units are kept up to what is archived, and anew once more is', async () => {
  const { bounds, store } = start();
  await vi.waitFor(() => expect(store.looks).toBeGreaterThan(LOOKS), DEADLINE);
  expect(bounds).toEqual([{ 't:0': 1 }]);
  store.offset = 2;
  await vi.waitFor(() => expect(bounds).toEqual([{ 't:0': 1 }, { 't:0': 2 }]), DEADLINE);
});

test('units are kept anew by other definitions, also without a new record', async () => {
  const { bounds, store } = start();
  await vi.waitFor(() => expect(bounds).toHaveLength(1), DEADLINE);
  store.definitions = new Map([['acme', { ...DEFAULT_DEFINITIONS, changes: 1 }]]);
  await vi.waitFor(() => expect(bounds).toEqual([{ 't:0': 1 }, { 't:0': 1 }]), DEADLINE);
});

test('whoever does not hold the lease keeps nothing', async () => {
  let asked = 0;
  const hold = () => {
    asked += 1;
    return Promise.resolve(asked > LOOKS);
  };
  const { bounds } = start({ lease: { hold } });
  await vi.waitFor(() => expect(bounds).toHaveLength(1), DEADLINE);
  expect(asked).toBeGreaterThan(LOOKS);
});

test('a store that was away is asked again', async () => {
  let tries = 0;
  const keep = () => {
    tries += 1;
    return tries < 3 ? Promise.reject(new Fault('history_unreachable', 'away')) : Promise.resolve();
  };
  const onKept = vi.fn<(tookMs: number) => void>();
  start({ history: { keep }, onKept });
  await vi.waitFor(() => expect(onKept).toHaveBeenCalledTimes(1), DEADLINE);
  expect(tries).toBe(3);
});

test('it rests nineteen times as long as keeping took', async () => {
  let now = 0;
  const keep = () => {
    now += 100;
    return Promise.resolve();
  };
  const onKept = vi.fn<(tookMs: number) => void>();
  const { store } = start({ history: { keep }, onKept, clock: () => now });
  now = 1;
  await vi.waitFor(() => expect(onKept).toHaveBeenCalledTimes(1), DEADLINE);
  store.offset = 2;
  const { looks } = store;
  now += 1_899;
  await new Promise((resolve) => setTimeout(resolve, LOOKS));
  expect([onKept.mock.calls.length, store.looks]).toEqual([1, looks]);
  now += 1;
  await vi.waitFor(() => expect(onKept).toHaveBeenCalledTimes(2), DEADLINE);
});
