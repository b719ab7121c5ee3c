import { expect, test } from 'vitest';

import type { Health } from '../client/health-answer.ts';
import { formatHealth } from './format-health.ts';

const URL_TEXT = 'http://kpi.example.com';

const WELL: Health = {
  at: '2026-03-01T12:00:00.000Z',
  status: 'ok',
  problems: [],
  events: { counted: 12_345, per_second: 25.34 },
  live: { fresh_at: '2026-03-01T12:00:00.000Z', published_at: '2026-03-01T11:59:58.000Z' },
  lag: {
    aggregate: 0,
    archive: 0,
    partitions: [0, 1].map((partition) => ({
      partition,
      aggregate: 0,
      archive: 0,
      kept: 50,
      retention_used: 0,
    })),
    topics: [{ topic: 'kpi.lms.v1', aggregate: 0, archive: 0, kept: 100 }],
  },
  sources: [{ source: 'academy', last_event_at: '2026-03-01T11:58:00.000Z' }],
  dead_letters: { kept: 0, by_reason: [], latest: [] },
  verify: {
    at: '2026-03-01T11:48:00.000Z',
    against: 'history',
    clean: true,
    questions: 92,
    disagreements: 0,
    unequal_partitions: 0,
    took_ms: 3_120,
  },
  engines: [{ name: 'kafka', state: 'up', answer_ms: 3 }],
  processes: [
    {
      service: 'aggregate',
      instance: 'host:1',
      version: '0.1.0',
      started_at: '2026-03-01T09:00:00.000Z',
      ready: true,
      reason: null,
    },
  ],
};

test('while all is well the first line says so and no partition takes a line', () => {
  const text = formatHealth(WELL, URL_TEXT);
  expect(text.split('\n')[0]).toBe('KPI Stream at http://kpi.example.com: all is well');
  expect(text).toContain('events        12,345 counted, 25.3 per second');
  expect(text).toContain('verified      12 min ago against history: clean, 92 questions in 3.1 s');
  expect(text).toContain('dead letters  none');
  expect(text).toMatch(/aggregate +ready +3 h +0\.1\.0 +host:1/);
  expect(text).toMatch(/academy +2026-03-01 11:58:00 +2 min/);
  expect(text).toMatch(/kpi\.lms\.v1 +100 +0 +0/);
  expect(text).toContain('2 partitions, none is behind.');
});

test('what is wrong comes first, and everything that is wrong catches the eye', () => {
  const text = formatHealth(
    {
      ...WELL,
      status: 'degraded',
      problems: ['ClickHouse does not answer.', 'No archive process is running.'],
      engines: [{ name: 'clickhouse', state: 'down', answer_ms: null }],
      processes: WELL.processes.map((one) => ({ ...one, ready: false, reason: 'it waits' })),
      verify: WELL.verify && {
        ...WELL.verify,
        clean: false,
        disagreements: 2,
        unequal_partitions: 1,
      },
    },
    URL_TEXT,
  );
  expect(text.split('\n').slice(0, 3)).toEqual([
    'KPI Stream at http://kpi.example.com: 2 problems',
    '  ! ClickHouse does not answer.',
    '  ! No archive process is running.',
  ]);
  expect(text).toMatch(/clickhouse +DOWN +–/);
  expect(text).toMatch(/aggregate +NOT READY .* it waits/);
  expect(text).toContain('DIFFERS in 2 questions and 1 partition');
});

test('partitions that are behind are listed with how far retention is used up', () => {
  const lag = WELL.lag && {
    ...WELL.lag,
    archive: 44,
    partitions: WELL.lag.partitions.map((one) =>
      one.partition === 1 ? { ...one, archive: 44, retention_used: 0.88 } : one,
    ),
  };
  const text = formatHealth({ ...WELL, lag }, URL_TEXT);
  const rows = text.split('\n').slice(-2);
  expect(rows[0]).toMatch(/^partition +in the log +not yet live .* retention used$/);
  expect(rows[1]).toMatch(/^ +1 +50 +0 +44 +88 %$/);
  expect(text).toContain('0 events not yet live, 44 not yet in history');
});

test('dead letters are told by reason and source, and the last one by its field', () => {
  const letters = {
    kept: 3,
    by_reason: [
      { reason: 'event_invalid', count: 2, sources: ['desk', 'lms'] },
      { reason: 'avro_invalid', count: 1, sources: [] },
    ],
    latest: [
      {
        refused_at: '2026-03-01T11:57:00.000Z',
        reason: 'event_invalid',
        path: '/properties/score',
        source: 'desk',
        origin: 'http',
      },
    ],
  };
  const lines = formatHealth({ ...WELL, dead_letters: letters }, URL_TEXT).split('\n');
  const at = lines.findIndex((line) => line.startsWith('dead letters'));
  expect(lines.slice(at, at + 4)).toEqual([
    'dead letters  3 kept; the newest of this tenant by reason:',
    '              2 event_invalid from desk, lms',
    '              1 avro_invalid',
    '              the last 3 min ago: event_invalid at /properties/score (http)',
  ]);
});

test('what is not known is said to be unknown', () => {
  const text = formatHealth(
    {
      ...WELL,
      lag: null,
      verify: null,
      sources: [],
      processes: [],
      live: { ...WELL.live, published_at: null },
      dead_letters: { ...WELL.dead_letters, kept: null },
    },
    URL_TEXT,
  );
  for (const said of [
    'lag           unknown: the log or the live store does not answer',
    'verified      never; kpi verify does',
    'dead letters  unknown',
    'values last published never',
    'No process has announced itself.',
    'No source of this tenant has sent anything.',
  ])
    expect(text).toContain(said);
});
