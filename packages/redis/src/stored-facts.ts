import { type Fact, type FactKind, type FactOrigin, Fault, PART } from '@kpi/core';

/** Order of the fields of each kind of fact in the store. Append only: stored facts are read by position. */
const FIELDS = {
  account: ['isInternal'],
  subscription: ['step', 'mrrMinor', 'currency', 'plan'],
  enrolment: ['version', 'enrolmentId'],
  activity: ['version'],
  completion: ['version'],
  unenrolment: ['version', 'isRefund'],
  ticket: ['isCounted'],
  invalidation: [],
  answer: ['survey', 'context', 'score', 'scaleMin', 'scaleMax', 'isReversed'],
  invoice: ['amountMinor', 'currency'],
  refund: ['amountMinor', 'currency'],
  dispute: ['amountMinor', 'currency'],
  rate: ['rate'],
  retraction: ['target'],
  void: [],
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
  answer: 'v',
  invoice: 'i',
  refund: 'r',
  dispute: 'l',
  rate: 'x',
  retraction: 'z',
  void: 'o',
};

const KINDS: ReadonlyMap<string, FactKind> = new Map(
  Object.entries(CODES).flatMap(([kind, code]) =>
    isFactKind(kind) ? [[code, kind] as const] : [],
  ),
);

function isFactKind(kind: string): kind is FactKind {
  return kind in FIELDS;
}

/** The facts of one entity as one field of its home: a JSON array per fact, by position. */
export function encodeFacts(facts: readonly Fact[]): string {
  return JSON.stringify(
    facts.map((fact) => {
      const body = new Map<string, unknown>(Object.entries(fact));
      const { key, at, sourceVersion, receivedAt, offset } = fact;
      return [
        CODES[fact.kind],
        key,
        at,
        sourceVersion,
        receivedAt,
        offset,
        ...FIELDS[fact.kind].map((name) => body.get(name)),
      ];
    }),
  );
}

/** Reads what {@link encodeFacts} wrote. Throws `store_corrupt` on anything else. */
export function decodeFacts(text: string): readonly Fact[] {
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Fault('store_corrupt', 'stored facts are not a list');
  return rows.map(decodeFact);
}

function decodeFact(row: unknown): Fact {
  if (!Array.isArray(row)) throw new Fault('store_corrupt', 'a stored fact is not a list');
  const [code, key, at, sourceVersion, receivedAt, offset, ...values]: unknown[] = row;
  const kind = KINDS.get(String(code));
  if (kind === undefined || typeof key !== 'string')
    throw new Fault('store_corrupt', `unknown kind of fact ${String(code)}`);
  const origin: FactOrigin = {
    key,
    eventId: key.slice(key.indexOf(PART) + 1),
    at: Number(at),
    sourceVersion: Number(sourceVersion),
    receivedAt: Number(receivedAt),
    offset: Number(offset),
  };
  const body = Object.fromEntries(FIELDS[kind].map((name, index) => [name, values[index]]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: only encodeFacts writes the store
  return { ...origin, kind, ...body } as Fact;
}
