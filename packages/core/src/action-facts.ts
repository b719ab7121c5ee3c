import { activeHour, instantsFact, keyAction } from './activity.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, entityName } from './entity.ts';
import { type ProductActionPerformed } from './events.gen.ts';
import { type PlacedFact } from './home.ts';
import { type Action, isActionReadByOwn } from './own-facts.ts';

/** Whether an action in the product can make a fact, from what little says what it is. */
export function isActivityCounted(done: Action, { activation, ownKpis }: Definitions): boolean {
  return (
    done.isValueEvent ||
    activation.keyActions.includes(done.action) ||
    isActionReadByOwn(done, ownKpis)
  );
}

/** Of what an account does, when it first did each key action and the hours of its value events; of a user without one, when it was done. */
export function activityOf(
  event: ProductActionPerformed,
  { activation }: Definitions,
): readonly PlacedFact[] {
  const { account_id: account, user_id: user, action, occurred_at: at } = event;
  const isKey = activation.keyActions.includes(action);
  if (account !== null)
    return [
      ...(event.is_value_event ? [activeHour(at)] : NO_FACTS),
      ...(isKey ? [keyAction(action, at)] : NO_FACTS),
    ];
  if (user === null) return NO_FACTS;
  return [
    ...(event.is_value_event ? [instantsFact(ENTITY.activity, [at])] : NO_FACTS),
    ...(isKey ? [instantsFact(entityName(ENTITY.action, action), [at])] : NO_FACTS),
  ];
}

const NO_FACTS: readonly PlacedFact[] = [];
