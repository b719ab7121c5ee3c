import { expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS, type Definitions } from './definitions.ts';
import { isActivityCounted } from './action-facts.ts';
import { countedTypes, factsOf, isCountedFor } from './event-facts.ts';
import { type AccountCreated, type ProductActionPerformed } from './events.gen.ts';
import { Home } from './home.ts';
import { type OwnFilter, type OwnKpi } from './own-kpi.ts';

function counting(event: OwnKpi['id'], where: readonly OwnFilter[] = []): Definitions {
  const events = { event: 'product.action_performed', where } as const;
  const own: OwnKpi = {
    id: event,
    version: 1,
    title: event,
    description: '',
    unit: 'number',
    type: 'count',
    events,
    dimensions: [{ name: 'region', field: 'attributes.region' }],
    windows: [86_400_000],
  };
  return { ...DEFAULT_DEFINITIONS, ownKpis: [own] };
}

const ACTION: ProductActionPerformed = {
  event_id: 'e1',
  occurred_at: 86_400_000 * 3 + 5,
  tenant_id: 'acme',
  account_id: 'a1',
  user_id: null,
  source: 'app',
  source_version: 2,
  retracts: null,
  received_at: 9,
  event_type: 'product.action_performed',
  schema_version: 1,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'none',
  external_ids: {},
  attributes: { region: 'north', other: 'x' },
  action: 'export',
  feature: null,
  is_value_event: true,
};

const EXPORTS: OwnFilter = { field: 'action', is: 'in', values: ['export'] };
const NORTH: OwnFilter = { field: 'attributes.region', is: 'in', values: ['north'] };

test('an event that a KPI of one’s own counts leaves what it says to both, under two keys', () => {
  const said = factsOf(ACTION, 7, counting('exports', [EXPORTS, NORTH]));
  expect(said.map(({ fact }) => fact.kind)).toContain('hours');
  expect(said.at(-1)?.entity).toBe('d\u001Fproduct.action_performed\u001F3');
  expect(said.at(-1)?.fact).toEqual({
    key: '\u001Fapp\u001Fe1',
    eventId: 'e1',
    at: ACTION.occurred_at,
    sourceVersion: 2,
    receivedAt: 9,
    offset: 7,
    kind: 'event',
    user: '',
    fields: { action: 'export', 'attributes.region': 'north' },
  });
});

test('one that it does not count is void, so that it replaces what its key said before', () => {
  const own = factsOf({ ...ACTION, attributes: {} }, 7, counting('exports', [EXPORTS, NORTH])).at(
    -1,
  );
  expect(own?.entity[0]).toBe('d');
  expect(own?.fact.kind).toBe('void');
});

test('an action that no KPI can read leaves nothing, as a glance tells', () => {
  const definitions = counting('exports', [EXPORTS, NORTH]);
  const others = factsOf({ ...ACTION, action: 'open' }, 7, definitions);
  expect(others.map(({ entity }) => entity[0])).not.toContain('d');
  const glance = { action: 'open', isValueEvent: false };
  expect(isActivityCounted(glance, definitions)).toBe(false);
  expect(isActivityCounted({ ...glance, action: 'export' }, definitions)).toBe(true);
  expect(isActivityCounted(glance, counting('all'))).toBe(true);
  expect(isActivityCounted(glance, DEFAULT_DEFINITIONS)).toBe(false);
});

test('which types count depends on the tenant', () => {
  const own: Definitions = {
    ...DEFAULT_DEFINITIONS,
    ownKpis: counting('failures').ownKpis.map((kpi): OwnKpi => ({
      ...kpi,
      type: 'count',
      events: { event: 'user.identified', where: [] },
    })),
  };
  expect(isCountedFor('user.identified', own)).toBe(true);
  expect(isCountedFor('user.identified', DEFAULT_DEFINITIONS)).toBe(false);
  expect(countedTypes(new Map([['acme', own]]))).toContain('user.identified');
  expect(countedTypes(new Map())).not.toContain('user.identified');
});

test('an event that is sent again is one repetition, however many facts it leaves', () => {
  const created: AccountCreated = {
    ...ACTION,
    event_type: 'account.created',
    account_name: null,
    plan: null,
    source_channel: null,
    is_internal: null,
    domain: null,
    imported: null,
  };
  const [kpi] = counting('accounts').ownKpis;
  if (kpi === undefined) throw new RangeError('one was declared');
  const events = { event: created.event_type, where: [] };
  const ownKpis: readonly OwnKpi[] = [{ ...kpi, type: 'count', events }];
  const said = factsOf(created, 7, { ...DEFAULT_DEFINITIONS, ownKpis });
  const home = new Home();
  home.mergeAll([...said, ...said]);
  expect(said).toHaveLength(2);
  expect(home.repetitions).toBe(1);
});
