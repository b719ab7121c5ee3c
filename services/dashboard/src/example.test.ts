import { expect, test } from 'vitest';

import { exampleCommand } from '../public/example.js';

test('the command that the page offers sends one whole event, now', () => {
  const now = new Date('2026-03-01T10:00:00.000Z');
  const command = exampleCommand({ origin: 'http://localhost:8080', now, id: 'try-1' });
  expect(command).toContain('curl http://localhost:8080/v1/events');
  const body: unknown = JSON.parse(
    command.slice(command.indexOf('{'), command.lastIndexOf('}') + 1),
  );
  expect(body).toMatchObject({ event_id: 'try-1', occurred_at: '2026-03-01T10:00:00.000Z' });
  expect(command.split("'")).toHaveLength(5);
});
