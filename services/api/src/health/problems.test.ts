import { expect, test } from 'vitest';

import type { HealthAnswer } from './health-answer.ts';
import { findProblems } from './problems.ts';

function process(service: string, ready = true, reason: string | null = null) {
  const seen = '2026-03-01T00:00:00.000Z';
  return {
    service,
    instance: 'host:1',
    version: '1',
    started_at: seen,
    seen_at: seen,
    ready,
    reason,
  };
}

function engine(name: HealthAnswer['engines'][number]['name'], state: 'up' | 'down' = 'up') {
  return { name, state, answer_ms: 1 };
}

const WELL = {
  engines: [engine('kafka'), engine('redis')],
  processes: [process('aggregate'), process('archive')],
  verify: null,
  lag: null,
};

test('nothing is wrong while all engines answer and the workers work', () => {
  expect(findProblems(WELL)).toEqual([]);
});

test('an engine that is down, a worker that is missing and one that stands still are named', () => {
  expect(
    findProblems({
      ...WELL,
      engines: [engine('kafka', 'down'), engine('redis')],
      processes: [process('aggregate', false, 'it is 7 events behind')],
    }),
  ).toEqual([
    'Kafka does not answer.',
    'No archive process is running.',
    'aggregate (host:1): it is 7 events behind.',
  ]);
});

test('without Redis nobody knows who is running, so nobody is called missing', () => {
  expect(findProblems({ ...WELL, engines: [engine('redis', 'down')], processes: [] })).toEqual([
    'Redis does not answer.',
  ]);
});

test('a verification that found differences is a problem until the next one', () => {
  const verify = {
    at: '2026-03-01T00:00:00.000Z',
    against: 'history',
    clean: false,
    questions: 10,
    disagreements: 2,
    unequal_partitions: 1,
    took_ms: 5,
  } as const;
  expect(findProblems({ ...WELL, verify })).toEqual([
    'The last verification found 2 values and 1 partitions that differ.',
  ]);
  expect(findProblems({ ...WELL, verify: { ...verify, clean: true } })).toEqual([]);
});

test('a partition whose retention is nearly used up is named, one that is half read is not', () => {
  const partition = (number: number, used: number) => ({
    partition: number,
    aggregate: 0,
    archive: 0,
    kept: 100,
    retention_used: used,
  });
  const lag = {
    aggregate: 0,
    archive: 0,
    topics: [],
    partitions: [partition(0, 0.5), partition(1, 0.874)],
  };
  expect(findProblems({ ...WELL, lag })).toEqual([
    'Retention of partition 1 is used up to 87 %: events nobody has read are about to be deleted.',
  ]);
});
