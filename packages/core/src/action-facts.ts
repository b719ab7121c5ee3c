import { activeHour, instantsFact, keyAction } from './activity.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, entityName } from './entity.ts';
import { type ProductActionPerformed } from './events.gen.ts';
import { type PlacedFact } from './home.ts';
import { type Action, isActionReadByOwn } from './own-facts.ts';

/** Whether an action in the product can make a fact, from what little says what it is. */
export function isActivityCounted(done: Action, definitions: Definitions): boolean {
  const { activation, ownKpis } = definitions;
  return (
    isOfValue(done, definitions) ||
    activation.keyActions.includes(done.action) ||
    isActionReadByOwn(done, ownKpis)
  );
}

/** Whether an action is a value event. */
export function isOfValue(
  { action, isValueEvent }: Action,
  { valueActions }: Definitions,
): boolean {
  return valueActions.length === 0 ? isValueEvent : valueActions.includes(action);
}

/** Of what an account does, when it first did each key action and the hours of its value events; of a user without one, when it was done. */
export function activityOf(
  event: ProductActionPerformed,
  definitions: Definitions,
): readonly PlacedFact[] {
  const { activation } = definitions;
  const { account_id: account, user_id: user, action, occurred_at: at } = event;
  const isValue = isOfValue({ action, isValueEvent: event.is_value_event }, definitions);
  const isKey = activation.keyActions.includes(action);
  if (account !== null)
    return [
      ...(isValue ? [activeHour(at)] : NO_FACTS),
      ...(isKey ? [keyAction(action, at)] : NO_FACTS),
    ];
  if (user === null) return NO_FACTS;
  return [
    ...(isValue ? [instantsFact(ENTITY.activity, [at])] : NO_FACTS),
    ...(isKey ? [instantsFact(entityName(ENTITY.action, action), [at])] : NO_FACTS),
  ];
}

const NO_FACTS: readonly PlacedFact[] = [];
