import { ENTITY, entityName, entityParts, isEntity } from './entity.ts';
import { isKind, isOwn } from './fact.ts';
import { type HomeKey, homeKey } from './home-key.ts';
import { type FactSource, type PlacedFact, RETRACTIONS, retractionsReaching } from './home.ts';
import { OF_MERGING, chainOf, isMerger, originalOf, parentIn, parentsIn } from './merging.ts';
import { type Dispatch, type Taken } from './shared-users.ts';
import { withdrawalOf, withdrawn } from './withdrawn.ts';

/**
 * What an account tells of its merges and, if it was merged, of everything it knows: to the account that it was merged into, which
 * sends it on if it was merged itself.
 */
export function dispatchesOfAccounts(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  if (!owner.hasAccount) return [];
  const parent = parentIn(home, ENTITY.merger, owner.subject);
  const former = parentIn(before, ENTITY.merger, owner.subject);
  const isNew = parent !== former;
  const left = isNew && former !== undefined ? invitationsTakenBack(taken, former) : [];
  const news = [...newsOfMergers(taken), ...left];
  if (parent === undefined) return news;
  const entities = isNew ? [...home.entities()] : [...touched];
  const facts = [
    ...mergersWithdrawn(taken, entities),
    ...mergersToTell(home, entities, owner),
    ...copies(taken, entities, parent),
  ];
  return facts.length === 0 ? news : [...news, { to: homeKey(owner.tenantId, parent), facts }];
}

/** Everybody whom a merge names, or named, learns of it. */
function newsOfMergers(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  const mergers = [...touched].filter((entity) => isEntity(entity, ENTITY.merger));
  if (mergers.length === 0) return [];
  const named = mergers.flatMap((entity) => [...namedBy(home, entity), ...namedBy(before, entity)]);
  const facts = [...mergersWithdrawn(taken, mergers), ...mergersToTell(home, mergers, owner)];
  return [...new Set(named)]
    .filter((account) => account !== owner.subject)
    .map((account) => ({ to: homeKey(owner.tenantId, account), facts }));
}

/** Whom the facts of a merger name. */
export function namedBy(home: FactSource, merger: string): readonly string[] {
  const [, from = ''] = entityParts(merger);
  return [from, ...home.facts(merger).flatMap((fact) => (isKind(fact, 'merger') ? fact.into : []))];
}

/** Facts of the mergers among some entities, and what takes them back, as another home takes them in: they are not its own. */
export function mergersToTell(
  home: FactSource,
  entities: readonly string[],
  owner: HomeKey,
): readonly PlacedFact[] {
  const known = entities
    .filter(isMerger)
    .flatMap((entity) => home.facts(entity).map((fact) => ({ entity, fact })));
  const reaching = retractionsReaching(
    home,
    known.map(({ fact }) => fact),
  );
  return [...known, ...reaching.map((fact) => ({ entity: RETRACTIONS, fact }))].map((placed) =>
    told(placed, owner),
  );
}

/**
 * Facts of the mergers among some entities that a home does not know any more, and of what took them back. A home that is empty now, as
 * that of who was erased is, knows nothing more of what it was told: that holds elsewhere.
 */
export function mergersWithdrawn(
  { owner, home, before }: Taken,
  entities: readonly string[],
): readonly PlacedFact[] {
  const mergers = entities.filter(isMerger);
  if (mergers.length === 0) return [];
  const [some] = home.entities();
  return [...mergers, RETRACTIONS].flatMap((entity) =>
    withdrawn(entity, before, home)
      .filter((fact) => some !== undefined || isOwn(fact))
      .map((fact) => told({ entity, fact }, owner)),
  );
}

function told({ entity, fact }: PlacedFact, { subject }: HomeKey): PlacedFact {
  return { entity, fact: isOwn(fact) ? { ...fact, account: subject } : fact };
}

/**
 * What an account that was merged sends on of its own entities, and of those of the accounts that were merged into it: what it knows
 * of them, and what it has forgotten.
 */
function copies(
  { owner, home, before }: Taken,
  entities: Iterable<string>,
  parent: string,
): readonly PlacedFact[] {
  const facts: PlacedFact[] = [];
  const parents = parentsIn(home, ENTITY.merger);
  for (const entity of entities) {
    const copy = copyOf(entity, owner.subject);
    if (copy === undefined || !isForParent(copy, { owner, parents, parent })) continue;
    for (const fact of [...home.facts(entity), ...withdrawn(entity, before, home)])
      facts.push(copy === RETRACTIONS ? told({ entity, fact }, owner) : { entity: copy, fact });
  }
  return facts;
}

/**
 * What an account was told of referrals of it does not stay with whom it was merged into before: whoever that is would not hear what
 * of it is withdrawn later.
 */
function invitationsTakenBack({ owner, before }: Taken, former: string): readonly Dispatch[] {
  const facts: PlacedFact[] = [];
  for (const entity of before.entities()) {
    const copy = copyOf(entity, owner.subject);
    if (
      copy === undefined ||
      isCopyFrom(copy, former) ||
      !isEntity(originalOf(copy), ENTITY.invitation)
    )
      continue;
    for (const fact of before.facts(entity)) facts.push({ entity: copy, fact: withdrawalOf(fact) });
  }
  return facts.length === 0 ? [] : [{ to: homeKey(owner.tenantId, former), facts }];
}

/** A retraction is one wherever it is; who is who stays with its account. */
function copyOf(entity: string, account: string): string | undefined {
  if (OF_MERGING.some((kind) => isEntity(entity, kind))) return undefined;
  return entity === RETRACTIONS || isEntity(entity, ENTITY.copy)
    ? entity
    : entityName(ENTITY.copy, account, entity);
}

/**
 * Whether an account hands on what another one knows. Not where that one is merged into the parent on another way than by the
 * account, as after a later merge or in a circle: then the parent hears it there, and what is told and withdrawn on both ways could
 * come in the wrong order, or without end.
 */
function isForParent(
  copy: string,
  {
    owner,
    parents,
    parent,
  }: {
    readonly owner: HomeKey;
    readonly parents: ReadonlyMap<string, string>;
    readonly parent: string;
  },
): boolean {
  if (!isEntity(copy, ENTITY.copy)) return true;
  const [, account = ''] = entityParts(copy);
  const chain = chainOf(parents, account);
  const at = chain.indexOf(parent);
  const own = chain.indexOf(owner.subject);
  return at === -1 || (own !== -1 && own < at);
}

function isCopyFrom(entity: string, account: string): boolean {
  return isEntity(entity, ENTITY.copy) && entityParts(entity)[1] === account;
}
