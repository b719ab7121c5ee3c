import { type Definitions } from './definitions.ts';
import { entityParts } from './entity.ts';
import { type Fact, type FactOf, compareText, isKind } from './fact.ts';
import { NO_VALUE } from './kpi.ts';
import { type Span, cutTime, spanAt, union } from './span.ts';

/** A stretch of an account's life with constant plan and monthly recurring revenue. */
export interface AccountPiece extends Span {
  readonly plan: string;
  /** Sum over the open subscriptions, minor units by currency. Empty when none is open. */
  readonly mrr: ReadonlyMap<string, number>;
}

/** What the measures read of an account: derived from its facts, never stored. */
export interface AccountState {
  readonly isInternal: boolean;
  /** Maximal stretches with MRR above 0, pauses included (KPI_SPEC 1.7, 7.4): ascending, disjoint, never touching. */
  readonly active: readonly Span[];
  /** The whole time axis, ascending, without gaps. */
  readonly pieces: readonly AccountPiece[];
  /** When a member first has a qualifying course completion; Infinity while none has. From then on the account is trained. */
  readonly trainedAt: number;
}

type SubscriptionFact = FactOf<'subscription'>;

/** One subscription between two of its events. `openSince` is where its current open stretch began. */
interface Stretch extends Span {
  readonly id: string;
  readonly fact: SubscriptionFact;
  readonly openSince: number;
}

/** Effective facts of an account, as its entities hold them. */
export interface AccountFacts {
  readonly account: readonly Fact[];
  /** Facts in order of occurrence, by subscription. */
  readonly subscriptions: ReadonlyMap<string, readonly Fact[]>;
  /** From when on somebody of it is trained, of each user and course. */
  readonly trainings: readonly number[];
}

export const NO_ACCOUNT: AccountState = {
  isInternal: false,
  active: [],
  pieces: [{ from: -Infinity, to: Infinity, plan: NO_VALUE, mrr: new Map() }],
  trainedAt: Infinity,
};

/** The state of an account over all time. Pure. */
export function accountState(facts: AccountFacts, definitions: Definitions): AccountState {
  const stretches = [...facts.subscriptions].flatMap(([id, history]) => stretchesOf(id, history));
  const pieces = cutPieces(stretches);
  return {
    isInternal: lastStated(facts.account, (fact) => fact.isInternal) ?? false,
    active: activeSpans(pieces, stretches, definitions.churn.pauseLimitMs),
    pieces,
    trainedAt: facts.trainings.reduce((first, at) => Math.min(first, at), Infinity),
  };
}

/** What the last statement about an account says: it holds for all of history. Null when nothing was ever stated. */
export function lastStated<Value>(
  facts: readonly Fact[],
  read: (fact: FactOf<'account'>) => Value | null,
): Value | null {
  for (let index = facts.length - 1; index >= 0; index -= 1) {
    const fact = facts[index];
    const stated = fact !== undefined && isKind(fact, 'account') ? read(fact) : null;
    if (stated !== null) return stated;
  }
  return null;
}

/** The piece that holds instant `at`, events at that very instant included. */
export function pieceAt(state: AccountState, at: number): AccountPiece {
  const piece = spanAt(state.pieces, at);
  if (piece === undefined) throw new RangeError(`no account piece at ${at}`);
  return piece;
}

/** The active stretch that holds instant `at`, if the account was a customer then. */
export function activeAt(state: AccountState, at: number): Span | undefined {
  return spanAt(state.active, at);
}

function stretchesOf(id: string, history: readonly Fact[]): readonly Stretch[] {
  const events = lastOfEachInstant(history.filter((fact) => isKind(fact, 'subscription')));
  const stretches: Stretch[] = [];
  let openSince = Infinity;
  for (const [index, fact] of events.entries()) {
    if (!isOpen(fact)) openSince = Infinity;
    else if (openSince === Infinity) openSince = fact.at;
    stretches.push({ id, fact, openSince, from: fact.at, to: events[index + 1]?.at ?? Infinity });
  }
  return stretches;
}

/** A state that another replaces in the same millisecond was never held. */
function lastOfEachInstant(events: readonly SubscriptionFact[]): readonly SubscriptionFact[] {
  return events.filter((fact, index) => events[index + 1]?.at !== fact.at);
}

function isOpen(fact: SubscriptionFact): boolean {
  return fact.step !== 'ended' && fact.mrrMinor > 0;
}

function cutPieces(stretches: readonly Stretch[]): readonly AccountPiece[] {
  return cutTime(stretches).map(({ from, to, open }) => {
    const paying = open.filter(({ fact }) => isOpen(fact));
    return { from, to, plan: oldestPlan(paying), mrr: sumMrr(paying) };
  });
}

/** Plan of the subscription open for longest, ties by id (KPI_SPEC 7.4). */
function oldestPlan(open: readonly Stretch[]): string {
  const [oldest] = open.toSorted((a, b) => a.openSince - b.openSince || bySubscription(a, b));
  return oldest === undefined || oldest.fact.plan === '' ? NO_VALUE : oldest.fact.plan;
}

/** By the subscription's own id; the same id of two sources by the source. */
function bySubscription(a: Stretch, b: Stretch): number {
  const idOf = ({ id }: Stretch): string => entityParts(id).at(-1) ?? '';
  return compareText(idOf(a), idOf(b)) || compareText(a.id, b.id);
}

function sumMrr(open: readonly Stretch[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { fact } of open)
    sums.set(fact.currency, (sums.get(fact.currency) ?? 0) + fact.mrrMinor);
  return sums;
}

function activeSpans(
  pieces: readonly AccountPiece[],
  stretches: readonly Stretch[],
  pauseLimitMs: number,
): readonly Span[] {
  const paid: Span[] = pieces
    .filter((piece) => piece.mrr.size > 0)
    .map(({ from, to }) => ({ from, to }));
  return union(pauseLimitMs === 0 ? paid : [...paid, ...pausesOf(stretches, pauseLimitMs)]);
}

/**
 * From an update to MRR 0 that closes an open subscription, for as long as pauses last, or until the subscription ends or is opened
 * again. Further updates to 0 begin no pause.
 */
function pausesOf(stretches: readonly Stretch[], limitMs: number): readonly Span[] {
  return stretches.flatMap((stretch, index) => {
    const former = stretches[index - 1];
    if (!isPause(stretch) || former?.id !== stretch.id || !isOpen(former.fact)) return [];
    const { id, from } = stretch;
    const end = stretches.find((next, at) => at > index && (next.id !== id || !isPause(next)));
    const until = end?.id === id ? end.from : Infinity;
    return [{ from, to: Math.min(until, from + limitMs) }];
  });
}

function isPause({ fact }: Stretch): boolean {
  return fact.step === 'updated' && !isOpen(fact);
}
