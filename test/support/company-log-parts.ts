/** Everything an event may be made of; a builder takes what it needs. */
export interface Draw {
  readonly kind: number;
  readonly at: number;
  readonly who: number;
  readonly which: number;
  readonly amount: number;
  readonly choice: number;
  readonly flag: boolean;
  readonly source: string;
  readonly sourceVersion: number;
  /** Where in the log it lies, roughly. */
  readonly place: number;
  /** Begins the ids of accounts, users and events, and so all natural ids. */
  readonly company: string;
}

/** What tells the payloads of one key apart, and one key from another. */
export interface Stamp {
  readonly eventId: string;
  readonly receivedAt: number;
}

interface Subject {
  readonly account_id: string | null;
  readonly user_id: string | null;
}

/** Most users belong to one account for good; p1 and p2 to none. */
const USERS: readonly Subject[] = [
  { account_id: 'a1', user_id: 'u1' },
  { account_id: 'a1', user_id: 'u2' },
  { account_id: 'a2', user_id: 'u3' },
  { account_id: 'a3', user_id: 'u4' },
  { account_id: null, user_id: 'p1' },
  { account_id: null, user_id: 'p2' },
];
/** Where the same user is at other times: a prospect who joins, one who changes accounts, one who leaves. */
const MOVED: ReadonlyMap<string | null, readonly (string | null)[]> = new Map([
  ['u1', ['a1', 'a1', 'a2']],
  ['u4', ['a3', null, 'a1']],
  ['p1', [null, null, 'a1', 'a2']],
]);
const ACCOUNTS: readonly Subject[] = [
  { account_id: 'a1', user_id: null },
  { account_id: 'a1', user_id: null },
  { account_id: 'a2', user_id: null },
  { account_id: 'a3', user_id: null },
];
export const CURRENCIES = ['EUR', 'EUR', 'USD', 'JPY'] as const;
export const ACTIONS = ['create_project', 'invite_user', 'connect_source', 'open'] as const;
export const DOMAINS = ['one.example', 'two.example', 'ONE.example'] as const;
const PLANS = ['pro', 'team', 'free'] as const;
const COURSES = ['basics', 'basics', 'advanced'] as const;
export const VERSIONS = ['1', '2'] as const;
const STATED_VERSIONS = [null, null, '1', '2'] as const;
export const REASONS = ['no time', 'no time', 'refund: duplicate'] as const;
const CONTEXTS = ['general', 'general', 'ticket', 'course'] as const;
const QUESTIONS = ['csat', 'nps', 'ces'] as const;
/** Lowest answer and length of scale. */
const SCALES = [
  [1, 5],
  [1, 7],
  [0, 11],
  [1, 10],
  [1, 3],
  [0, 2],
] as const;
const PAIRS = [
  ['USD', 'EUR'],
  ['EUR', 'USD'],
  ['JPY', 'EUR'],
  ['EUR', 'JPY'],
  ['USD', 'JPY'],
] as const;
const RATES = ['0.5', '1.1', '0.125', '3', '0.9000000001', '160.07'] as const;
export const MARGINS = ['0.3', '0', '1', '-0.4', '0.1250000001'] as const;
const PRODUCTS = ['app', 'app', 'app', 'addon'] as const;
export const CHANGE_REASONS = [null, 'plan', 'seats', null, 'other', 'price_indexation'] as const;
export const CHANNELS = ['ads', 'events'] as const;
export const SPENDS_MINOR = [0, 1, 1_000_001, 333, -77, 99_999] as const;
export const AMOUNTS_MINOR = [0, 1, 5, 333, 1_001, 99_999] as const;
/** 0: a trial or a pause. */
const MRRS_MINOR = [0, 100, 333, 1_001] as const;

export function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

/** Subject of an event about a person. */
export function userOf(draw: Draw): Subject {
  return subjectOf(pick(USERS, draw.who), draw);
}

/** The same at the account where the user is just then: learning and answers are the user's, wherever they are. */
export function learnerOf(draw: Draw): Subject {
  const { user_id: user, account_id: account } = pick(USERS, draw.who);
  const moved = pick(MOVED.get(user) ?? [account], draw.kind + draw.place);
  return subjectOf({ user_id: user, account_id: moved }, draw);
}

/** A user and one of the accounts that the user joins and leaves. */
export function memberOf(draw: Draw): Subject {
  const { user_id: user } = pick(USERS, draw.who);
  return subjectOf(
    { user_id: user, account_id: pick(['a1', 'a2', 'a1', 'a3'], draw.kind + draw.place) },
    draw,
  );
}

export function accountOf(draw: Draw): Subject {
  return subjectOf(pick(ACCOUNTS, draw.who), draw);
}

function subjectOf({ account_id, user_id }: Subject, { company }: Draw): Subject {
  return {
    account_id: account_id === null ? null : company + account_id,
    user_id: user_id === null ? null : company + user_id,
  };
}

/** Natural ids are unique per source and belong to one home. */
export function idOf(name: string, { account_id, user_id }: Subject, which: number): string {
  return `${name}-${account_id ?? user_id ?? ''}-${which % 2}`;
}

/** What the builders share: the envelope without a subject. */
export type Made = Draw & { readonly envelope: ReturnType<typeof envelope> };

export function envelope(draw: Draw, stamp: Stamp) {
  return {
    event_id: draw.company + stamp.eventId,
    occurred_at: draw.at,
    received_at: stamp.receivedAt,
    source: draw.source,
    source_version: draw.sourceVersion,
  };
}

export function subscription(made: Made) {
  return {
    ...made.envelope,
    ...accountOf(made),
    subscription_id: idOf('s', accountOf(made), made.which),
    plan_id: pick(PLANS, made.choice),
    product_id: pick(PRODUCTS, made.choice),
    quantity: 1 + (made.amount % 2),
    mrr_minor: pick(MRRS_MINOR, made.amount),
    currency: pick(CURRENCIES, made.which),
  };
}

export function ended({
  mrr_minor: _mrr,
  plan_id: _plan,
  product_id: _product,
  quantity: _quantity,
  ...rest
}: ReturnType<typeof subscription>) {
  return rest;
}

/** An account and the next one or the one after it: chains, and circles. */
export function merge(made: Made) {
  const { account_id: from } = accountOf(made);
  const others = ACCOUNTS.map((_, who) => accountOf({ ...made, who }).account_id).filter(
    (account) => account !== from,
  );
  return {
    ...made.envelope,
    account_id: from,
    user_id: pick([null, null, 'admin'], made.which),
    from_account_id: from ?? '',
    into_account_id: pick(others, made.amount) ?? '',
  };
}

/** A user and another one of the company, prospects among them. */
export function userMerge(made: Made) {
  const { user_id: from } = userOf(made);
  const others = USERS.map((_, who) => userOf({ ...made, who }).user_id).filter(
    (user) => user !== from,
  );
  return {
    ...made.envelope,
    account_id: null,
    user_id: from,
    from_user_id: from ?? '',
    into_user_id: pick(others, made.amount) ?? '',
  };
}

export function inCourse(made: Made) {
  return {
    ...made.envelope,
    ...learnerOf(made),
    course_id: pick(COURSES, made.which),
    course_version: pick(STATED_VERSIONS, made.choice),
  };
}

/** An enrolment is that of one user in one course. */
export function enrolmentId(made: Made): string {
  const subject = { ...userOf(made), account_id: null };
  return idOf(`e-${pick(COURSES, made.which)}`, subject, made.amount);
}

export function onInvoice(made: Made) {
  return {
    ...made.envelope,
    ...accountOf(made),
    invoice_id: idOf('i', accountOf(made), made.choice),
    currency: pick(CURRENCIES, made.which),
  };
}

export function onTicket(made: Made) {
  const ticket_id = idOf('t', userOf(made), made.amount);
  return { ...made.envelope, ...userOf(made), ticket_id };
}

/**
 * A ticket is moved from the same account in every version: from the one that opened it or, as the other source says, from one that may
 * never have had it.
 */
export function move(made: Made) {
  const { account_id: opener } = userOf(made);
  const { account_id: other } = accountOf({ ...made, who: made.who + 2 });
  const from = made.source === 'other' ? other : (opener ?? pick([null, other], made.who));
  const others = ACCOUNTS.map((_, who) => accountOf({ ...made, who }).account_id);
  const to = pick([...others.filter((account) => account !== from), null], made.which);
  const field = pick(['account_id', 'organization_id', 'requester_user_id'], made.who);
  return field === 'requester_user_id'
    ? { field, from_account_id: from, into_account_id: to }
    : { field, from, to };
}

/** A user, or an account that answers for itself. */
function respondentOf(made: Made): Subject {
  const isAccount = made.source === 'other' && userOf(made).account_id !== null;
  return isAccount ? { ...userOf(made), user_id: null } : learnerOf(made);
}

export function answer(made: Made) {
  const kind = pick(QUESTIONS, Math.floor(made.choice / CONTEXTS.length));
  return {
    ...made.envelope,
    ...respondentOf(made),
    ...(kind === 'nps' ? recommendation(made) : scaled(made)),
    kind,
    context: pick(CONTEXTS, made.choice),
    survey_id: `survey-${made.who % 2}`,
    instance_id: `instance-${made.which % 2}`,
  } as const;
}

/** An answer that is off its scale is not valid and must not replace a valid one. */
function scaled({ which, amount, flag, sourceVersion }: Made) {
  const [low, length] = pick(SCALES, which);
  return {
    score: low + (amount % (length + 1)),
    scale_min: low,
    scale_max: low + length - 1,
    direction: flag ? 'lower_is_better' : pick([null, 'higher_is_better'] as const, sourceVersion),
  } as const;
}

/** 11 is off the scale, and so is whatever says that it is another one. */
function recommendation({ which, amount, flag }: Made) {
  return {
    score: amount,
    scale_min: pick([0, 0, null, 1], which),
    scale_max: which % 5 === 0 ? null : 10,
    direction: which % 6 === 5 && flag ? 'lower_is_better' : null,
  } as const;
}

export function rate(made: Made) {
  const [base, quote] = pick(PAIRS, made.which);
  const date = new Date(made.at).toISOString().slice(0, 10);
  return { ...made.envelope, base, quote, rate: pick(RATES, made.amount), date };
}
