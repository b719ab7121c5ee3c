import { expect, test } from 'vitest';

import { Sightings, probeEvent } from './probe.ts';

test('a probe is seen once, from its acknowledgement to the first look that shows it', () => {
  const acknowledgedAt = [100, 200];
  const sightings = new Sightings(acknowledgedAt);
  sightings.see(0, 150);
  sightings.see(1, 180);
  sightings.see(1, 300);
  acknowledgedAt.push(400);
  sightings.see(3, 450);
  expect(sightings.delaysMs).toEqual([80, 250, 50]);
});

test('what is visible before its acknowledgement arrives took no time', () => {
  const sightings = new Sightings([]);
  sightings.see(1, 10);
  expect(sightings.delaysMs).toEqual([0]);
});

test('probes are of different persons', () => {
  const [a, b] = [probeEvent(1, 5), probeEvent(2, 5)];
  expect(new Set([a.event_id, b.event_id, a.user_id, b.user_id]).size).toBe(4);
});
