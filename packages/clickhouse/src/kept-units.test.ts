import { KPIS } from '@kpi/core';
import { expect, test } from 'vitest';

import { TYPES_OF_UNITS } from './kept-units.ts';
import { sqlText } from './sql-text.ts';

/** Event types that a text names. */
function typesIn(text: string): readonly string[] {
  const named = [...text.matchAll(/'([a-z]+\.[a-z_]+)'/g)].map(([, type = '']) => type);
  return [...new Set(named)];
}

/** Those that account_histories reads to know plans, periods and internal accounts. */
const OF_ACCOUNTS = typesIn(sqlText('migrations/0003_create_account_histories.sql', 'd'));
/** Those that say whose an event is. */
const OF_MERGES = typesIn(sqlText('parts/merge_records.sql', 'd'));
const TRAINING = 'lms.course_completed';
/** Those that say who belongs to an account: they decide on training, and on whose an event without an account is. */
const OF_MEMBERS = typesIn(
  sqlText('parts/changes_of_memberships.sql', 'd').split('WHERE retracts IS NULL')[1] ?? '',
);
/** Those that say whose a ticket is, and when. */
const OF_TICKETS = typesIn(
  sqlText('migrations/0020_move_tickets.sql', 'd').split('-- From which as-of time on')[0] ?? '',
);
const MOVING = 'support.ticket_updated';

test.each(KPIS.map(({ id }) => id))(
  'every type that the units of %s are made of counts as a change of them',
  (id) => {
    const used = [...sqlText(`kpis/${id}.sql`, 'd').matchAll(/\{\{units:(\w+)\}\}/g)];
    const queries = used.map(([, name]) =>
      name === 'fx_factors'
        ? sqlText('migrations/0004_create_fx_factors.sql', 'd')
        : sqlText(`units/${name}.sql`, 'd'),
    );
    const trains = id === 'support_ticket_rate';
    const needed = [
      ...OF_MERGES,
      ...typesIn(queries.join('\n')),
      ...(queries.some((text) => text.includes('ticket_lives')) ? OF_TICKETS : []),
      ...OF_ACCOUNTS.filter((type) => trains || type !== TRAINING),
      ...OF_MEMBERS,
    ];
    expect(new Set(TYPES_OF_UNITS[id])).toEqual(new Set(needed));
  },
);

test('changes are noted of all these types', () => {
  const all = new Set(Object.values(TYPES_OF_UNITS).flat());
  const [, list = ''] = sqlText('parts/changes_of_more_events.sql', 'd').split(
    'OR event_type IN (',
  );
  expect(sqlText('parts/changes_of_moved_tickets.sql', 'd')).toContain(`'${MOVING}'`);
  expect(new Set([...typesIn(list), ...OF_MERGES, ...OF_MEMBERS, MOVING])).toEqual(all);
});
