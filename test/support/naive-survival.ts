import { type KpiEvent } from '@kpi/core';

import { type NaiveAccount } from './naive-account.ts';
import { ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { isValueEvent } from './naive-product.ts';

/** KPI_SPEC 2.11, 7.4: from the creation of an account to its first value event. */
export function firstValueAt(moment: Moment): readonly Part[] {
  return [...moment.accounts].flatMap(([id, account]) => {
    const events = moment.known.filter((event) => event.account_id === id);
    const [created] = ofTypes(events, ['account.created']);
    const value = ofTypes(events, ['product.action_performed']).find((event) =>
      isValueEvent(event, moment),
    );
    if (created === undefined) return [];
    const origin = created.occurred_at;
    return followed({ origin, there: value?.occurred_at, account }, moment);
  });
}

/** KPI_SPEC 2.15: from the start of a user's onboarding to the moment all milestones are met. */
export function proficiencyAt(moment: Moment): readonly Part[] {
  const { known, definitions } = moment;
  const users = new Set(known.flatMap(({ user_id: user }) => user ?? []));
  return [...users].flatMap((user) => {
    const events = known.filter((event) => event.user_id === user);
    const [started] = ofTypes(events, ['onboarding.started']);
    if (started === undefined || moment.isInternal(started.account_id)) return [];
    const account = moment.accounts.get(started.account_id ?? '');
    const there = proficientAt(events, definitions.proficiencyCourses);
    return followed({ origin: started.occurred_at, there, account }, moment);
  });
}

function proficientAt(events: readonly KpiEvent[], courses: readonly string[]): number | undefined {
  const completed = ofTypes(events, ['lms.course_completed']);
  if (courses.length === 0) return completed[0]?.occurred_at;
  const times = courses.map(
    (course) => completed.find((event) => event.course_id === course)?.occurred_at,
  );
  return times.includes(undefined) ? undefined : Math.max(...times.map(Number));
}

interface Person {
  readonly origin: number;
  readonly there: number | undefined;
  readonly account: NaiveAccount | undefined;
}

function followed({ origin, there, account }: Person, moment: Moment): readonly Part[] {
  const { t, windowMs, clipAt } = moment;
  if (origin < t - windowMs) return [];
  const lost = account?.instants.find((at) => at >= origin && account.churns(at));
  const isThere = there !== undefined && (lost === undefined || there <= lost);
  const end = isThere ? there : Math.min(lost ?? Infinity, t, clipAt);
  const time = Math.max(0, end - origin);
  const dimensions = { plan: account?.plan(origin) ?? '(none)' };
  return [
    { component: 'entrants', dimensions, amount: 1 },
    { component: 'reached', dimensions, amount: Number(isThere) },
    { component: `${isThere ? 'event' : 'lost'}@${time}`, dimensions, amount: 1 },
  ];
}
