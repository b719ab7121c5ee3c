import { Fault } from '@kpi/core';
import { expect, test } from 'vitest';

import { createLog } from './log.ts';

/** The one line that `write` logs, as JSON. */
function lineOf(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

const KEY = `kpi_${'0'.repeat(16)}_${'a'.repeat(64)}`;

test('what a client library attaches to an error stays out of the log', () => {
  const error = Object.assign(new Error('WRONGTYPE'), {
    command: { name: 'hset', args: ['facts', 'ann@example.com'] },
  });
  const line = lineOf((log) => log.error({ err: error }, 'x'));
  expect(JSON.stringify(line)).not.toContain('ann');
  expect(line).toMatchObject({ err: { type: 'Error', message: 'WRONGTYPE' } });
});

test('a fault is told with its code, its causes and where it was thrown, without what they quote', () => {
  const cause = new Error(`cannot parse 'ann@example.com' for ${KEY} at redis://kpi:hunter2@host`);
  const fault = new Fault('store_unreachable', 'read failed', { cause });
  const line = lineOf((log) => log.warn({ err: fault }, 'x'));
  expect(line).toMatchObject({
    err: {
      type: 'Fault',
      code: 'store_unreachable',
      message: '[store_unreachable] read failed',
      causes: ["Error: cannot parse '[address]' for [key] at redis://host"],
      stack: expect.stringContaining('log.test.ts'),
    },
  });
});

test('credentials are redacted at the top and one level down', () => {
  const line = lineOf((log) =>
    log.info(
      { key: KEY, headers: { authorization: `Bearer ${KEY}` }, user: { email: 'a@b.c' } },
      'x',
    ),
  );
  expect(JSON.stringify(line)).not.toContain(KEY);
  expect(JSON.stringify(line)).not.toContain('a@b.c');
});

test('whatever else is thrown is told as text', () => {
  expect(lineOf((log) => log.error({ err: 'gone' }, 'x'))).toMatchObject({
    err: { type: 'string', message: 'gone' },
  });
});
