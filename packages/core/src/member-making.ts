import { type AccountView, type UnitList } from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { type UnitName } from './measure.ts';
import { type MemberHome } from './member-home.ts';
import { type ReasonCode } from './member-reason.ts';

export const MEMBER_KINDS = [
  'account',
  'event',
  'user',
  'course_run',
  'ticket',
  'answer',
  'sale',
  'spend',
] as const;

/** What a member of a KPI is. */
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** Something that may count in a KPI, before its measures were asked. */
export interface Candidate {
  readonly kind: MemberKind;
  /** Unique in its home, and the same at every as-of time. */
  readonly name: string;
  readonly ids: Readonly<Record<string, string>>;
  /** When it began or happened, ms; null where that is no instant. */
  readonly at: number | null;
  /** What the measures are applied to: the unit in all its states of knowledge, and for accounts in all its roles. */
  readonly units: readonly UnitList[];
  readonly isInternal: boolean;
  /** Why there is no unit, or why it counts nowhere whatever the window. */
  readonly absence: ReasonCode | undefined;
}

/** What the candidates of a home are made with. */
export interface Making {
  readonly home: MemberHome;
  readonly account: AccountView;
  readonly isInternal: boolean;
  readonly wanted: ReadonlySet<UnitName>;
  readonly definitions: Definitions;
  readonly asOf: number;
}

type Made = Pick<Candidate, 'kind' | 'name' | 'ids' | 'at' | 'units'> & {
  readonly absence?: ReasonCode;
};

export function candidate({ home, isInternal }: Making, made: Made): Candidate {
  const { subject, hasAccount } = home.key;
  const owner: Readonly<Record<string, string>> = hasAccount ? { account_id: subject } : {};
  return { ...made, ids: { ...owner, ...made.ids }, isInternal, absence: made.absence };
}
