/** U+001F: between the parts of a composed name. It is refused in ids at the edge. */
export const PART = '\u001F';

/** Kinds of entities of a home, as the first part of their names. */
export const ENTITY = {
  account: 'a',
  subscription: 's',
  courseRun: 'r',
  ticket: 't',
  csatRespondent: 'v',
  npsRespondent: 'n',
  cesRespondent: 'e',
  invoice: 'i',
  activity: 'h',
  action: 'k',
  onboarding: 'o',
  invitee: 'f',
  /** Of a home: referrals of its account, as the account that referred it told them. */
  invitation: 'b',
  rate: 'x',
  margin: 'g',
  spend: 'p',
  lead: 'l',
  /** Events of one type and UTC day that KPIs of one's own read. */
  own: 'd',
  /** Joins and leaves of a user. */
  membership: 'm',
  /** Of a directory: the homes that a user was seen in. */
  seen: 'u',
  /** Of a home: the homes that share a user. */
  shared: 'w',
  /** Of a home: merges of an account. */
  merger: 'j',
  /** Of a home: merges of a user. */
  userMerger: 'q',
  /** Of a home: an entity of an account that was merged into its own, or once was. */
  copy: 'y',
  /** Of a home: versions of merges that were withdrawn, and are not taken in again. */
  gone: 'c',
} as const;

export type EntityKind = (typeof ENTITY)[keyof typeof ENTITY];

/** Name of an entity within its home: kind and natural id. */
export function entityName(kind: EntityKind, ...id: readonly string[]): string {
  return [kind, ...id].join(PART);
}

/** Parts of an entity's name; the first is its kind. */
export function entityParts(entity: string): readonly string[] {
  return entity.split(PART);
}

/** Whether an entity is of a kind, from its name alone. */
export function isEntity(entity: string, kind: EntityKind): boolean {
  return entity.startsWith(kind) && (entity.length === 1 || entity[1] === PART);
}

/** Whether one of some entities is such. Asked of every change, so nothing is made for it. */
export function isAny(entities: Iterable<string>, isSuch: (entity: string) => boolean): boolean {
  for (const entity of entities) if (isSuch(entity)) return true;
  return false;
}
