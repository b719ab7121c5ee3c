import { DEFAULT_DEFINITIONS, HOUR_MS, type KpiEvent } from '@kpi/core';
import { expect, test } from 'vitest';

import { CoreEngine, logged } from '../support/core-engine.ts';
import { event } from '../support/event.ts';

const KEY_ACTIONS = DEFAULT_DEFINITIONS.activation.keyActions;

function action(account_id: string, name: string, more: Partial<KpiEvent> = {}): KpiEvent {
  return event('product.action_performed', {
    event_id: `${name}-${account_id}`,
    occurred_at: 10 * HOUR_MS,
    account_id,
    action: name,
    is_value_event: true,
    ...more,
  });
}

function created(account_id: string): KpiEvent {
  return event('account.created', { event_id: `new-${account_id}`, occurred_at: 0, account_id });
}

function merged(from: string, into: string): KpiEvent {
  return event('account.merged', {
    event_id: `${from}-${into}`,
    occurred_at: 20 * HOUR_MS,
    account_id: from,
    from_account_id: from,
    into_account_id: into,
  });
}

function takingBack(target: KpiEvent, event_id: string): KpiEvent {
  return { ...target, event_id, retracts: target.event_id };
}

/** What is counted of events, one by one in the order given. */
function stepsOf(events: readonly KpiEvent[]): readonly string[] {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  for (const one of logged(events)) engine.apply([one]);
  expect(engine.steps()).toEqual(engine.recount());
  return engine.steps();
}

const [first = '', ...others] = KEY_ACTIONS;
const done = action('a', first);
const rest = [
  created('a'),
  created('b'),
  created('c'),
  ...others.map((name) => action('a', name)),
  action('b', 'open', { event_id: 'open-b', occurred_at: 30 * HOUR_MS }),
];
const merges = [merged('a', 'b'), merged('b', 'c')];
const undone = takingBack(done, 'undo');

test.each([
  ['before the merges', [...rest, done, undone, ...merges]],
  ['between them', [...rest, done, merged('a', 'b'), undone, merged('b', 'c')]],
  ['after them', [...rest, done, ...merges, undone]],
  ['before it is done', [undone, ...rest, ...merges, done]],
  ['before anything else', [undone, done, ...merges, ...rest]],
])('activity of an account at the end of a chain that is taken back %s', (_when, events) => {
  expect(stepsOf(events)).toEqual(stepsOf([...rest, ...merges]));
});

test('what was taken back and is restored counts as if nothing had been', () => {
  const restored = takingBack(undone, 'redo');
  const events = [...rest, done, ...merges, undone, restored];
  expect(stepsOf(events)).toEqual(stepsOf([...rest, done, ...merges]));
});

test('what is done after activity was taken back is told on', () => {
  const again = action('a', first, { event_id: 'again', occurred_at: 12 * HOUR_MS });
  const events = [...rest, done, ...merges, undone, again];
  expect(stepsOf(events)).toEqual(stepsOf([...rest, again, ...merges]));
  expect(stepsOf(events)).not.toEqual(stepsOf([...rest, ...merges]));
});

test('a merge that is taken back leaves each account what it still holds', () => {
  const events = [...rest, done, ...merges, undone, takingBack(merges[0] ?? done, 'apart')];
  expect(stepsOf(events)).toEqual(stepsOf([...rest, merged('b', 'c')]));
});
