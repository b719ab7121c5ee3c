import { type AccountState } from './account.ts';
import { type Newcomer } from './acquisition.ts';
import { type Definitions } from './definitions.ts';
import { type CountingInterval, type Dimensions } from './kpi.ts';
import { type Span, intersect, isEmpty } from './span.ts';
import { type Entrant } from './entrant.ts';
import { type Expander } from './expansion.ts';
import { type Customer } from './lifetime.ts';
import { type Referrer } from './onboarding.ts';
import { type ReferredAccount } from './referred-accounts.ts';
import { type Pool } from './pooled-steps.ts';
import { type OwnEvent } from './own-events.ts';
import { type OwnEntrant } from './own-units.ts';
import { type ProductUser, type Starter } from './product-use.ts';
import { type Spend } from './spend.ts';
import { type CesAnswer, type CsatAnswer, type NpsAnswer } from './survey-answers.ts';
import { type Sale } from './sales.ts';
import { type Ticket } from './tickets.ts';
import { type CourseRun, type ExposurePiece } from './units.ts';

/** What a measure may count, by the name of the unit. */
export interface Units {
  readonly course_run: CourseRun;
  readonly csat_answer: CsatAnswer;
  readonly nps_answer: NpsAnswer;
  readonly ces_answer: CesAnswer;
  readonly nps_account: { readonly answers: readonly NpsAnswer[] };
  readonly sale: Sale;
  readonly ticket: {
    readonly ticket: Ticket;
    readonly hasAccount: boolean;
    readonly piece: ExposurePiece | undefined;
  };
  readonly account: { readonly state: AccountState };
  readonly exposure: { readonly exposure: readonly ExposurePiece[] };
  readonly referrer: Referrer;
  readonly referred_account: ReferredAccount;
  readonly product_user: ProductUser;
  readonly starter: Starter;
  readonly newcomer: Newcomer;
  readonly expander: Expander;
  readonly spend: Spend;
  readonly buyer: { readonly state: AccountState; readonly sales: readonly Sale[] };
  readonly seller: { readonly sales: readonly Sale[] };
  /** Of KPIs that are served from history: the live store does not make these. */
  readonly customer: Customer;
  readonly waiting_account: Entrant;
  readonly learner: Entrant;
  readonly own_event: OwnEvent;
  readonly own_account: { readonly events: readonly OwnEvent[] };
  readonly own_user: { readonly events: readonly OwnEvent[] };
  readonly own_entrant: OwnEntrant;
}

export type UnitName = keyof Units;

export interface MeasureOptions {
  readonly windowMs: number;
  readonly definitions: Definitions;
}

/**
 * `count` sums weights over as-of times. `distinct` does too, but the intervals of one entity are united first, for every
 * subset of the dimensions, so that an entity counts once. `pooled` is as `distinct`, but a function says what the intervals of
 * one entity that hold at the same time count as. `level` integrates over real time: person-time, in ms.
 */
export type MeasureKind = 'count' | 'distinct' | 'pooled' | 'level';

/** Whether an entity counts once in every group, so that groups do not add up. */
export function isOncePerEntity(kind: MeasureKind | undefined): boolean {
  return kind === 'distinct' || kind === 'pooled';
}

/** A pure function from a unit to the as-of times at which it counts. */
export type Measure = {
  [Name in UnitName]: {
    readonly unit: Name;
    readonly kind: MeasureKind;
    /** Of `pooled` measures. */
    readonly pool?: Pool;
    readonly intervals: (unit: Units[Name], options: MeasureOptions) => readonly CountingInterval[];
  };
}[UnitName];

/** The interval of one span, or none when it is empty. */
export function counting(
  span: Span,
  dimensions: Dimensions,
  weight = 1,
): readonly CountingInterval[] {
  return isEmpty(span) || weight === 0
    ? []
    : [{ from: span.from, to: span.to, weight, dimensions }];
}

/** As {@link counting}, but only while the unit is known to be so. */
export function whileKnown(
  unit: { readonly known: Span },
  span: Span,
  counted: { dimensions: Dimensions; weight?: number },
): readonly CountingInterval[] {
  return counting(intersect(unit.known, span), counted.dimensions, counted.weight ?? 1);
}
