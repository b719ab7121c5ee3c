import {
  type Fact,
  type FactKind,
  type FactOrigin,
  Fault,
  PART,
  type UnreadFacts,
  homesFact,
  isKind,
} from '@kpi/core';

/** Order of the fields of each kind of fact in the store. Append only: stored facts are read by position. */
const FIELDS = {
  account: ['isInternal', 'domain', 'imported', 'channel'],
  subscription: ['step', 'mrrMinor', 'currency', 'plan', 'product', 'quantity', 'reason'],
  enrolment: ['version', 'enrolmentId'],
  activity: ['version'],
  completion: ['version'],
  unenrolment: ['version', 'isRefund'],
  ticket: ['isCounted'],
  invalidation: [],
  attribution: ['from', 'to'],
  answer: ['survey', 'context', 'score', 'scaleMin', 'scaleMax', 'isReversed'],
  invoice: ['amountMinor', 'currency', 'purchases'],
  refund: ['amountMinor', 'currency'],
  dispute: ['amountMinor', 'currency'],
  hours: ['hours'],
  lead: ['channel'],
  spend: ['amountMinor', 'currency', 'channel', 'from', 'to'],
  action: [],
  instants: ['instants'],
  homes: [],
  onboarded: [],
  referral: ['domain', 'isSelf', 'referred'],
  statement: ['text'],
  membership: ['step'],
  merger: ['into'],
  event: ['user', 'fields'],
  retraction: ['target'],
  void: [],
  withdrawn: [],
} as const satisfies Record<FactKind, readonly string[]>;

/** Letters that stand for the kinds in the store. */
const CODES: Readonly<Record<FactKind, string>> = {
  account: 'a',
  subscription: 's',
  enrolment: 'e',
  activity: 'c',
  completion: 'd',
  unenrolment: 'u',
  ticket: 't',
  invalidation: 'n',
  attribution: 'B',
  answer: 'v',
  invoice: 'i',
  refund: 'r',
  dispute: 'l',
  hours: 'h',
  lead: 'w',
  spend: 'p',
  action: 'k',
  instants: 'A',
  homes: 'm',
  onboarded: 'b',
  referral: 'f',
  statement: 'x',
  membership: 'y',
  merger: 'j',
  event: 'g',
  retraction: 'z',
  void: 'o',
  withdrawn: 'q',
};

const KINDS: ReadonlyMap<string, FactKind> = new Map(
  Object.entries(CODES).flatMap(([kind, code]) =>
    isFactKind(kind) ? [[code, kind] as const] : [],
  ),
);

function isFactKind(kind: string): kind is FactKind {
  return kind in FIELDS;
}

/** The facts of one entity as a batch writes them: the empty text takes the entity away. */
export function storedText(facts: readonly Fact[]): string {
  return facts.length === 0 ? '' : encodeFacts(facts);
}

/**
 * The facts of one entity as one field of its home: a JSON array per fact, by position. Arrival is kept as the time since
 * occurrence, and the source of an event as 0 where it is that of the fact before. The letter of the kind is followed by a
 * colon and the account where the fact is one of another home. Homes of a user, of which there are as many as users, are one mere
 * list, also those of several facts.
 */
export function encodeFacts(facts: readonly Fact[]): string {
  const homes = facts.flatMap((fact) => (isKind(fact, 'homes') ? fact.homes : []));
  if (homes.length > 0) return HOMES + [...new Set(homes)].join(PART);
  let lastSource: string | undefined;
  const rows = facts.map((fact) => {
    const source = sourceOf(fact);
    const row: unknown[] = [
      fact.account === undefined ? CODES[fact.kind] : `${CODES[fact.kind]}:${fact.account}`,
      source === lastSource ? 0 : source,
      fact.eventId,
      fact.at,
      fact.receivedAt - fact.at,
      fact.offset,
      fact.sourceVersion,
    ];
    lastSource = source;
    for (const name of FIELDS[fact.kind]) row.push(Reflect.get(fact, name));
    return row;
  });
  return JSON.stringify(rows);
}

/** Begins a list of homes; all else begins with a bracket. */
const HOMES = 'm';

/** An event's key is its source, U+001F, its id; no source holds that character. */
function sourceOf({ key, eventId }: Fact): string {
  return key.slice(0, key.length - eventId.length - PART.length);
}

/** The stored facts of one entity, read when somebody asks for them. */
export class FactsText implements UnreadFacts {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws `store_corrupt`, as {@link decodeFacts} does. */
  read(): readonly Fact[] {
    return decodeFacts(this.#text);
  }

  mayHold(eventId: string): boolean {
    return this.#text.includes(JSON.stringify(eventId).slice(1, -1));
  }

  mayHoldKind(kind: FactKind): boolean {
    // A quote inside a value is escaped.
    return kind === 'homes' || this.#text.includes(`["${CODES[kind]}`);
  }
}

/** Reads what {@link encodeFacts} wrote. Throws `store_corrupt` on anything else. */
export function decodeFacts(text: string): readonly Fact[] {
  if (text.startsWith(HOMES)) return [homesFact('', text.slice(1).split(PART)).fact];
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Fault('store_corrupt', 'stored facts are not a list');
  let source = '';
  return rows.map((row: unknown) => {
    if (!Array.isArray(row)) throw new Fault('store_corrupt', 'a stored fact is not a list');
    if (typeof row[1] === 'string') source = row[1];
    return decodeFact(row, source);
  });
}

/** Values of a row before those of its kind. */
const ORIGIN_VALUES = 7;

function decodeFact(row: readonly unknown[], source: string): Fact {
  const [code, , eventId, at, sinceMs, offset, sourceVersion] = row;
  const text = String(code);
  const kind = KINDS.get(text.slice(0, 1));
  if (kind === undefined || typeof eventId !== 'string')
    throw new Fault('store_corrupt', `unknown kind of fact ${text}`);
  const origin: FactOrigin = {
    key: `${source}${PART}${eventId}`,
    eventId,
    at: Number(at),
    sourceVersion: Number(sourceVersion),
    receivedAt: Number(at) + Number(sinceMs),
    offset: Number(offset),
    ...(text.length > 1 && { account: text.slice(2) }),
  };
  const body: Record<string, unknown> = {};
  for (const [index, name] of FIELDS[kind].entries())
    body[name] = row[ORIGIN_VALUES + index] ?? null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: only encodeFacts writes the store
  return { ...origin, kind, ...body } as Fact;
}
