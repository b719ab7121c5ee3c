/** What one event says about its entity, reduced to what a KPI reads. `kind` decides the other fields. */
export type FactBody =
  /** Null is not stated: what an earlier event stated holds. */
  | {
      readonly kind: 'account';
      readonly isInternal: boolean | null;
      readonly domain: string | null;
      readonly imported: boolean | null;
      readonly channel: string | null;
    }
  | {
      readonly kind: 'subscription';
      readonly step: 'started' | 'updated' | 'ended';
      readonly mrrMinor: number;
      readonly currency: string;
      readonly plan: string;
      readonly product: string | null;
      readonly quantity: number | null;
      /** Why it was updated, as stated. */
      readonly reason: string | null;
    }
  | { readonly kind: 'enrolment'; readonly version: string; readonly enrolmentId: string }
  | { readonly kind: 'activity'; readonly version: string | null }
  | { readonly kind: 'completion'; readonly version: string | null }
  | { readonly kind: 'unenrolment'; readonly version: string | null; readonly isRefund: boolean }
  /** `isPlaced`: never kept; the ticket names no account, and its user belonged to the one that counts it. */
  | { readonly kind: 'ticket'; readonly isCounted: boolean; readonly isPlaced?: true }
  | { readonly kind: 'invalidation' }
  /** A ticket is another account's from now on; `to` is empty when it is nobody's, and counts nowhere. */
  | { readonly kind: 'attribution'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'answer';
      readonly survey: string;
      readonly context: string;
      readonly score: number;
      readonly scaleMin: number;
      readonly scaleMax: number;
      readonly isReversed: boolean;
    }
  | {
      readonly kind: 'invoice';
      readonly amountMinor: number;
      readonly currency: string;
      readonly purchases: number;
    }
  | {
      readonly kind: 'refund' | 'dispute';
      readonly amountMinor: number;
      readonly currency: string;
    }
  /** UTC hours with a value event, counted from 1970, ascending: the one fact of its entity, made of many events. */
  | { readonly kind: 'hours'; readonly hours: readonly number[] }
  | { readonly kind: 'action' }
  /** The same of a user without an account: ms, ascending, because the user may turn out to have belonged to one at some of them. */
  | { readonly kind: 'instants'; readonly instants: readonly number[] }
  /** Homes of one user, ascending: the one fact of its entity. */
  | { readonly kind: 'homes'; readonly homes: readonly string[] }
  | { readonly kind: 'lead'; readonly channel: string }
  | {
      readonly kind: 'spend';
      readonly amountMinor: number;
      readonly currency: string;
      readonly channel: string;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'onboarded' }
  /** `isSelf`: the account invited itself. The domain is the invitee's; `referred` is another account, where it is stated. */
  | {
      readonly kind: 'referral';
      readonly domain: string;
      readonly isSelf: boolean;
      readonly referred: string | null;
    }
  /** Decimal text: an exchange rate or a margin. */
  | { readonly kind: 'statement'; readonly text: string }
  | { readonly kind: 'membership'; readonly step: 'joined' | 'left' }
  /** Whom an account or a user was merged into. */
  | { readonly kind: 'merger'; readonly into: string }
  /** An event that a KPI of one's own counts; texts of the fields that it reads. `user` is empty where there is none. */
  | {
      readonly kind: 'event';
      readonly user: string;
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'retraction'; readonly target: string }
  /** Says nothing to any KPI, but may replace an earlier payload of its key that did. */
  | { readonly kind: 'void' }
  /** Never kept: what a home told another one does not hold any more: somebody was erased, or a referral is not the first. */
  | { readonly kind: 'withdrawn' };

export type FactKind = FactBody['kind'];

/** Where a fact comes from and which of two facts of one event wins. */
export interface FactOrigin {
  /** Event key within the tenant: source, U+001F, event id. The same key twice is one event (KPI_SPEC 7.1.3). */
  readonly key: string;
  readonly eventId: string;
  /** `occurred_at`, ms. */
  readonly at: number;
  readonly sourceVersion: number;
  /** `received_at`, ms. */
  readonly receivedAt: number;
  /** Position in the log; the last resort to choose between two payloads of one key. */
  readonly offset: number;
  /** Of a fact that another home sent: the account there, empty for none. Absent of the home's own facts. */
  readonly account?: string;
}

export type Fact = FactOrigin & FactBody;
export type FactOf<Kind extends FactKind> = FactOrigin & Extract<FactBody, { kind: Kind }>;

export function isKind<Kind extends FactKind>(fact: Fact, kind: Kind): fact is Fact & FactOf<Kind> {
  return fact.kind === kind;
}

/** Where a fact is from, without what it says. */
export function originOfFact(fact: FactOrigin): FactOrigin {
  const { key, eventId, at, sourceVersion, receivedAt, offset, account } = fact;
  const origin = { key, eventId, at, sourceVersion, receivedAt, offset };
  return account === undefined ? origin : { ...origin, account };
}

/** Whether it is a fact of the home that holds it, and not one that another home of its user sent. */
export function isOwn(fact: FactOrigin): boolean {
  return fact.account === undefined;
}

/** Order of writers within an entity: `occurred_at`, then event id; the last one holds (KPI_SPEC 7.7.6). */
export function byOccurrence(a: FactOrigin, b: FactOrigin): number {
  if (a.at !== b.at) return a.at - b.at;
  return compareText(a.eventId, b.eventId) || compareText(a.key, b.key);
}

/** Whether `a` replaces `b` as the payload of their common key: `source_version`, then `received_at`, then place in the log. */
export function supersedes(a: FactOrigin, b: FactOrigin): boolean {
  if (a.sourceVersion !== b.sourceVersion) return a.sourceVersion > b.sourceVersion;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt > b.receivedAt;
  return a.offset > b.offset;
}

/** Order of code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
