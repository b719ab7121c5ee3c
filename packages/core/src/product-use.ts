import { activityOf, firstActions } from './activity.ts';
import { type AccountState, lastStated } from './account.ts';
import { type Definitions } from './definitions.ts';
import { DAY_MS, days } from './duration.ts';
import { ENTITY } from './entity.ts';
import { isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { onboardedAt } from './onboarding.ts';
import { type Span, coveredBy, union } from './span.ts';

/** An account with the hours in which it was active. Times in ms, ascending; Infinity stands for "not". */
export interface ProductUser {
  readonly state: AccountState;
  /** First `account.created`: from then on it is registered. */
  readonly createdAt: number;
  readonly onboardedAt: number;
  /** Starts of the UTC hours with a value event. */
  readonly hours: readonly number[];
}

/** An account on its way to activation. */
export interface Starter {
  readonly state: AccountState;
  readonly createdAt: number;
  /** Its history before it was imported is not known. */
  readonly isImported: boolean;
  /** When the key actions were done as the rule asks. */
  readonly activatedAt: number;
}

export function productUserOf(home: FactSource, state: AccountState): ProductUser {
  return {
    state,
    createdAt: createdAt(home),
    onboardedAt: onboardedAt(home),
    hours: activityOf(home),
  };
}

export function starterOf(
  home: FactSource,
  state: AccountState,
  definitions: Definitions,
): Starter {
  const accountFacts = effectiveFacts(home, ENTITY.account);
  return {
    state,
    createdAt: createdAt(home),
    isImported: lastStated(accountFacts, ({ imported }) => imported) ?? false,
    activatedAt: activatedAt(firstActions(home), definitions.activation),
  };
}

function createdAt(home: FactSource): number {
  const first = effectiveFacts(home, ENTITY.account).find((fact) => isKind(fact, 'account'));
  return first?.at ?? Infinity;
}

/** When enough key actions were done; in order means that none was first done before the one listed before it. */
function activatedAt(
  first: ReadonlyMap<string, number>,
  { keyActions, rule }: Definitions['activation'],
): number {
  const times = keyActions.map((action) => first.get(action) ?? Infinity);
  if (rule === 'ordered' && times.some((at, index) => at < (times[index - 1] ?? -Infinity)))
    return Infinity;
  const needed = typeof rule === 'number' ? rule : times.length;
  return times.toSorted((a, b) => a - b)[needed - 1] ?? Infinity;
}

/** When an account became dormant. */
export interface Dormancy {
  readonly at: number;
  /** False when it had not been active at all. */
  readonly wasActive: boolean;
}

/**
 * An account becomes dormant when `limitMs` have passed since its last active hour, or since it was created, or when its last
 * subscription ends before that (KPI_SPEC 2.4). Activity exactly then is too late.
 */
export function dormancies(user: ProductUser, limitMs: number): readonly Dormancy[] {
  if (user.createdAt === Infinity) return [];
  const signs = [...user.hours, user.createdAt].toSorted((a, b) => a - b);
  const firstActive = user.hours[0] ?? Infinity;
  return signs.flatMap((sign, index): readonly Dormancy[] => {
    const next = signs[index + 1] ?? Infinity;
    const churn = user.state.active.find(({ to }) => sign <= to)?.to ?? Infinity;
    const at = Math.min(sign + limitMs, churn);
    const isDormant = at < next || (at === next && at === sign + limitMs);
    return isDormant ? [{ at, wasActive: firstActive <= sign }] : [];
  });
}

const BLOCK_MS = days(7);

/** As-of times at which enough of the seven-day blocks of the window, counted back from t, hold enough active days. */
export function regularUse(
  hours: readonly number[],
  windowMs: number,
  rule: Definitions['regularUse'],
): readonly Span[] {
  const ofBlock = enoughDays(hours, rule.days);
  const blocks = Array.from({ length: Math.floor(windowMs / BLOCK_MS) }, (_, block) =>
    ofBlock.map(({ from, to }) => ({
      from: from + block * BLOCK_MS,
      to: to + block * BLOCK_MS,
    })),
  );
  return coveredBy(blocks.flat(), rule.blocks);
}

/** As-of times at which the seven days before t hold an active hour of at least so many UTC days. */
function enoughDays(hours: readonly number[], daysMin: number): readonly Span[] {
  const byDay = new Map<number, Span>();
  for (const hour of hours) {
    const day = Math.floor(hour / DAY_MS);
    const from = byDay.get(day)?.from ?? hour + 1;
    byDay.set(day, { from, to: hour + BLOCK_MS + 1 });
  }
  const spans = [...byDay.values()];
  return daysMin === 1 ? union(spans) : coveredBy(spans, daysMin);
}
