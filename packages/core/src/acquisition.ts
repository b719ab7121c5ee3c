import { type AccountState, lastStated, pieceAt } from './account.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY } from './entity.ts';
import { isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { NO_VALUE } from './kpi.ts';
import { invoicesOf, paymentsWithin } from './payments.ts';
import { type Span, subtract, union } from './span.ts';

/** An account that became a customer. */
export interface Newcomer {
  /** Beginning of its first active time. */
  readonly customerSince: number;
  readonly plan: string;
  readonly channel: string;
  /** Stretches of time in which it had got back all that it paid at its beginning: it is no customer won. */
  readonly refunded: readonly Span[];
}

/** Undefined for an account that never paid. */
export function newcomerOf(
  home: FactSource,
  state: AccountState,
  { acquisition }: Definitions,
): Newcomer | undefined {
  const customerSince = state.active[0]?.from;
  if (customerSince === undefined) return undefined;
  const start = { from: customerSince, to: customerSince + acquisition.refundGraceMs };
  return {
    customerSince,
    plan: pieceAt(state, customerSince).plan,
    channel: channelOf(home, customerSince),
    refunded: refundedSpans(home, start),
  };
}

/** The channel of the account, else of the first lead or opportunity before it became a customer. */
function channelOf(home: FactSource, customerSince: number): string {
  const stated = lastStated(effectiveFacts(home, ENTITY.account), ({ channel }) => channel);
  if (stated !== null) return stated;
  const lead = effectiveFacts(home, ENTITY.lead).find((fact) => isKind(fact, 'lead'));
  return lead === undefined || lead.at > customerSince ? NO_VALUE : lead.channel;
}

/** When everything that was paid within a stretch was also paid back within it. */
function refundedSpans(home: FactSource, start: Span): readonly Span[] {
  const payments = paymentsWithin(invoicesOf(home), start);
  const missing = union(
    payments.map(({ inForce, refundedAt }) => ({
      from: inForce.from,
      to: Math.min(inForce.to, refundedAt),
    })),
  );
  return union(payments.map(({ inForce }) => inForce)).flatMap((span) => subtract(span, missing));
}
