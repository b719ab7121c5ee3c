import { expect, test } from 'vitest';

import { exampleCommand } from './example.ts';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const ASKED = { origin: 'http://localhost:8080', now: NOW, id: 'try-1' } as const;

test('the command that the page offers sends one whole event, now', () => {
  const command = exampleCommand({ ...ASKED, tenant: undefined });
  expect(command).toContain('curl http://localhost:8080/v1/events');
  const body: unknown = JSON.parse(
    command.slice(command.indexOf('{'), command.lastIndexOf('}') + 1),
  );
  expect(body).toMatchObject({ event_id: 'try-1', occurred_at: '2026-03-01T10:00:00.000Z' });
  expect(command.split("'")).toHaveLength(5);
});

test('it goes to the tenant that is shown', () => {
  expect(exampleCommand({ ...ASKED, tenant: 'mine' })).toContain("-H 'kpi-tenant: mine'");
});
