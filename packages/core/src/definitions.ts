import { days } from './duration.ts';
import { type OwnKpi } from './own-kpi.ts';

/**
 * What a tenant may decide about its KPIs (names and defaults of KPI_SPEC 7.3). Every measure takes it as an argument; a
 * change makes a new definition version. Durations in ms.
 */
export interface Definitions {
  /** How many changes of the tenant's made them what they are, 0 by default. Each raises the version of all values. */
  readonly changes: number;
  /** ISO 4217 code into which money is converted for reading. */
  readonly reportingCurrency: string;
  readonly completion: { readonly horizonMs: number; readonly graceMs: number };
  /** How long after its spend a customer is won, and how long after it begins a customer who gets all back is none. */
  readonly acquisition: { readonly lagMs: number; readonly refundGraceMs: number };
  readonly activation: {
    readonly horizonMs: number;
    readonly keyActions: readonly string[];
    /** How many of them activate an account: all, any of that number, or all for the first time in this order. */
    readonly rule: 'all' | 'ordered' | number;
  };
  /** Age of customers, in calendar months, until which their sales are told. */
  readonly observedAgeMonths: number;
  /** Courses that a proficient user has completed; empty means any one. */
  readonly proficiencyCourses: readonly string[];
  /** Actions of the product that are value events; empty means those that say so themselves. */
  readonly valueActions: readonly string[];
  /** Without a value event for this long an account is dormant. */
  readonly inactivityLimitMs: number;
  /** Active on at least so many days (of UTC) in each of at least so many blocks of seven days, counted back from t. */
  readonly regularUse: { readonly days: number; readonly blocks: number };
  /** How long an expansion may be reversed or refunded and then never was one. */
  readonly expansion: { readonly graceMs: number };
  /** How long after the first referral of it an account may become a customer. */
  readonly referral: { readonly horizonMs: number };
  readonly churn: {
    /** An `_updated` to MRR 0 is a pause; longer than this it is churn. */
    readonly pauseLimitMs: number;
    /** A subscription ends when its paid term does, or with the update that says at which time it will. */
    readonly recognition: 'period_end' | 'cancellation';
  };
  /** A refund or a lost dispute is dated when it is made, or when what it takes back was paid. */
  readonly refundAttribution: 'refund' | 'original';
  readonly surveys: {
    /** How many answers from the good end of a scale are satisfied ones, by its length; of any other length none is valid. */
    readonly satisfiedBoxes: Readonly<Record<ScaleLength, number>>;
    /** Contexts in which only the latest answer of a respondent counts; in all others it is that of each sending of a survey. */
    readonly latestPerRespondent: readonly string[];
  };
  /** Time before and after training that is held against each other within accounts, and time before it that is left out. */
  readonly comparison: { readonly prepostMs: number; readonly washoutMs: number };
  /** Inner edges of the tenure buckets, ascending. */
  readonly tenureEdgesMs: readonly number[];
  /** Courses whose completion trains an account; empty means any course. */
  readonly trainingCourses: readonly string[];
  /** Below this many units a value is `low_n`. */
  readonly lowN: number;
  /** Below this many units a value is withheld; 0 never withholds. */
  readonly suppressN: number;
  /** A source silent for longer makes the values that need it `stale`, by source name; `*` is for all others. */
  readonly silenceLimitMs: Readonly<Record<string, number>>;
  /** KPIs of the tenant's own, beside the built-in ones. The list is one object for as long as it is in force. */
  readonly ownKpis: readonly OwnKpi[];
}

/** Numbers of answers that a scale may have (KPI_SPEC 2.6). */
export type ScaleLength = 2 | 3 | 5 | 7 | 10 | 11;

/** Definitions of every tenant at one time; a tenant that is absent has the default. */
export type DefinitionsByTenant = ReadonlyMap<string, Definitions>;

export function definitionsFor(all: DefinitionsByTenant, tenantId: string): Definitions {
  return all.get(tenantId) ?? DEFAULT_DEFINITIONS;
}

export const DEFAULT_DEFINITIONS: Definitions = {
  changes: 0,
  reportingCurrency: 'EUR',
  completion: { horizonMs: days(28), graceMs: days(3) },
  acquisition: { lagMs: 0, refundGraceMs: days(14) },
  activation: {
    horizonMs: days(7),
    keyActions: ['create_project', 'invite_user', 'connect_source'],
    rule: 'all',
  },
  observedAgeMonths: 6,
  proficiencyCourses: [],
  valueActions: [],
  inactivityLimitMs: days(28),
  regularUse: { days: 1, blocks: 3 },
  expansion: { graceMs: days(14) },
  referral: { horizonMs: days(28) },
  churn: { pauseLimitMs: 0, recognition: 'period_end' },
  refundAttribution: 'refund',
  surveys: {
    satisfiedBoxes: { 2: 1, 3: 1, 5: 2, 7: 2, 10: 2, 11: 2 },
    latestPerRespondent: ['general'],
  },
  comparison: { prepostMs: days(84), washoutMs: days(28) },
  tenureEdgesMs: [days(28), days(84), days(182), days(364)],
  trainingCourses: [],
  lowN: 30,
  suppressN: 0,
  silenceLimitMs: {},
  ownKpis: [],
};
