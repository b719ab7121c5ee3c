import { type KpiEvent } from '@kpi/core';

import { ofTypes } from './naive-events.ts';

interface Merge {
  readonly from: string;
  readonly into: string;
}

/** Events as if accounts and users that were merged had always been one (KPI_SPEC 1.1). */
export function asMerged(events: readonly KpiEvent[]): readonly KpiEvent[] {
  const account = endsOf(
    ofTypes(events, ['account.merged']).map((merge) => ({
      from: merge.from_account_id,
      into: merge.into_account_id,
    })),
  );
  const user = endsOf(
    ofTypes(events, ['user.merged']).map((merge) => ({
      from: merge.from_user_id,
      into: merge.into_user_id,
    })),
  );
  return events.map((event) => {
    const renamed = Object.assign({}, event, {
      account_id: account(event.account_id),
      user_id: user(event.user_id),
    });
    return renamed.event_type === 'referral.sent'
      ? { ...renamed, referred_account_id: account(renamed.referred_account_id) }
      : renamed;
  });
}

/**
 * Who is at the end of the chain of merges that begins with one. Of several merges of one the last one counts; those on a circle stay
 * what they are.
 */
function endsOf(merges: readonly Merge[]): (id: string | null) => string | null {
  const next = (id: string): string | undefined => merges.findLast(({ from }) => from === id)?.into;
  const isOnCircle = (id: string): boolean => {
    let current = next(id);
    for (let step = 0; step < merges.length && current !== undefined; step += 1) {
      if (current === id) return true;
      current = next(current);
    }
    return false;
  };
  const end = (id: string): string => {
    const into = next(id);
    return into === undefined || isOnCircle(id) ? id : end(into);
  };
  return (id) => (id === null ? null : end(id));
}
