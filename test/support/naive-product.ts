import { type EventOf, type KpiEvent, days, hours } from '@kpi/core';

import { ofTypes } from './naive-events.ts';
import { type NaiveAccount } from './naive-account.ts';
import { type Moment, type Part } from './naive-parts.ts';

/** KPI_SPEC 2.4, 7.4: everyone created before t; dormant since the limit passed without a value event, or the last churn. */
export function registeredAt(moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  return ofCreated(moment).flatMap(({ id, account, createdAt }) => {
    const dimensions = { plan: account.plan(t - 1) };
    const dormant = dormantInstants({ id, account, createdAt }, moment).filter(
      ({ at }) => t - windowMs <= at && at < t,
    );
    return [
      { component: 'registered', dimensions, amount: 1 },
      { component: 'dormant', dimensions, amount: Number(dormant.length > 0) },
      {
        component: 'never_active',
        dimensions,
        amount: Number(dormant.some(({ wasActive }) => !wasActive)),
      },
    ];
  });
}

/** KPI_SPEC 2.13, 7.4: active and onboarded at t - W; regular in whole seven-day blocks counted back from t. */
export function adoptionAt(moment: Moment): readonly Part[] {
  const { t, windowMs, known, definitions } = moment;
  const start = t - windowMs;
  return [...moment.accounts].flatMap(([id, account]): readonly Part[] => {
    const events = known.filter((event) => event.account_id === id);
    const onboardedAt = ofTypes(events, ['onboarding.completed'])[0]?.occurred_at;
    if (onboardedAt === undefined) return [];
    if (start < onboardedAt) {
      const dimensions = { plan: account.plan(onboardedAt) };
      return [{ component: 'immature', dimensions, amount: 1 }];
    }
    if (!account.isActive(start)) return [];
    const dimensions = { plan: account.plan(start) };
    const active = activeHours(id, moment);
    const blocks = Array.from({ length: Math.floor(windowMs / days(7)) }, (_, block) => {
      const to = t - days(7) * block;
      return new Set(
        active
          .filter((hour) => to - days(7) <= hour && hour < to)
          .map((hour) => Math.floor(hour / days(1))),
      );
    });
    const enough = blocks.filter((block) => block.size >= definitions.regularUse.days);
    const isRegular = enough.length >= definitions.regularUse.blocks;
    return [
      { component: 'onboarded', dimensions, amount: 1 },
      { component: 'regular', dimensions, amount: Number(isRegular) },
    ];
  });
}

/** KPI_SPEC 2.12: created in [t - H - W, t - H), and who did the key actions before H had passed. */
export function activationAt(moment: Moment): readonly Part[] {
  const { t, windowMs, timeless } = moment;
  const { horizonMs } = moment.definitions.activation;
  return ofCreated(moment).flatMap(({ id, account, events, createdAt }): readonly Part[] => {
    const isImported =
      ofTypes(timeless, ['account.created']).findLast(
        (event) => event.account_id === id && event.imported !== null,
      )?.imported ?? false;
    const dimensions = { plan: account.plan(createdAt) };
    const one = (component: string): Part => ({ component, dimensions, amount: 1 });
    if (t - horizonMs <= createdAt) return isImported ? [] : [one('immature')];
    if (createdAt < t - horizonMs - windowMs) return [];
    if (isImported) return [one('imported')];
    const isActivated = hasActivated(events, createdAt + horizonMs, moment);
    return isActivated ? [one('entered'), one('activated')] : [one('entered')];
  });
}

function hasActivated(events: readonly KpiEvent[], before: number, { definitions }: Moment) {
  const { keyActions, rule } = definitions.activation;
  const first = keyActions.map(
    (action) =>
      ofTypes(events, ['product.action_performed']).find((event) => event.action === action)
        ?.occurred_at ?? Infinity,
  );
  const inTime = first.filter((at) => at < before);
  if (typeof rule === 'number') return inTime.length >= rule;
  const isOrdered = first.every((at, index) => index === 0 || (first[index - 1] ?? 0) <= at);
  return inTime.length === keyActions.length && (rule === 'all' || isOrdered);
}

interface Created {
  readonly id: string;
  readonly account: NaiveAccount;
  /** Known ones about it. */
  readonly events: readonly KpiEvent[];
  readonly createdAt: number;
}

function ofCreated({ accounts, known }: Moment): readonly Created[] {
  return [...accounts].flatMap(([id, account]) => {
    const events = known.filter((event) => event.account_id === id);
    const [created] = ofTypes(events, ['account.created']);
    return created === undefined ? [] : [{ id, account, events, createdAt: created.occurred_at }];
  });
}

function dormantInstants(
  { id, account, createdAt }: Pick<Created, 'id' | 'account' | 'createdAt'>,
  moment: Moment,
) {
  const limitMs = moment.definitions.inactivityLimitMs;
  const active = activeHours(id, moment);
  const churns = account.instants.filter((at) => account.churns(at));
  return [...active, createdAt].flatMap((sign) => {
    const laterSigns = [...active, createdAt].filter((other) => other > sign);
    const isStill = (at: number): boolean => laterSigns.every((later) => later >= at);
    const churn = churns.find((at) => at >= sign && at < sign + limitMs);
    const isChurned = churn !== undefined && laterSigns.every((later) => later > churn);
    const wasActive = active.some((hour) => hour <= sign);
    if (isChurned) return [{ at: churn, wasActive }];
    if (churn === undefined && isStill(sign + limitMs)) return [{ at: sign + limitMs, wasActive }];
    return [];
  });
}

/** A value event counts as the start of its UTC hour (KPI_SPEC 7.4, 2.4), and is known from then on. */
function activeHours(accountId: string, moment: Moment): readonly number[] {
  const { t, timeless } = moment;
  const found = ofTypes(timeless, ['product.action_performed'])
    .filter((event) => event.account_id === accountId && isValueEvent(event, moment))
    .map((event) => Math.floor(event.occurred_at / hours(1)) * hours(1));
  return [...new Set(found)].filter((hour) => hour < t);
}

/** KPI_SPEC 7.3: what the source says, unless the tenant names the actions. */
export function isValueEvent(
  { action, is_value_event: isFlagged }: EventOf<'product.action_performed'>,
  { definitions: { valueActions } }: Moment,
): boolean {
  return valueActions.length > 0 ? valueActions.includes(action) : isFlagged;
}
