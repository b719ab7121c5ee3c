import { type Definitions, type EventOf } from '@kpi/core';

type Change = EventOf<
  'billing.subscription_started' | 'billing.subscription_updated' | 'billing.subscription_ended'
>;

/** What changes of subscriptions say to a tenant to whom who cancels is lost: an update with an end is one. */
export function recognised(changes: readonly Change[], { churn }: Definitions): readonly Change[] {
  if (churn.recognition === 'period_end') return changes;
  return changes.map((change) =>
    change.event_type === 'billing.subscription_updated' && change.cancel_at !== null
      ? { ...change, event_type: 'billing.subscription_ended', ended_reason: null }
      : change,
  );
}
