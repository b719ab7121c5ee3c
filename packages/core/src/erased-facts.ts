import { homesFact } from './activity.ts';
import { ENTITY, PART, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type PlacedFact } from './home.ts';
import { type HomeKey, subjectOfHome } from './home-key.ts';
import { userPlace } from './merging.ts';
import { type IsErased, type Subject } from './subjects.ts';

/** Says of a subject of one tenant whether it was erased. */
type IsGone = (subject: Subject) => boolean;

/** What a home is told, without what is of somebody who was erased. The home of somebody who was erased is told nothing. */
export function withoutErased(
  told: readonly PlacedFact[],
  to: HomeKey,
  isErased: IsErased,
): readonly PlacedFact[] {
  const isGone: IsGone = (subject) => isErased(to.tenantId, subject);
  if (to.subject !== '' && isGone(subjectOfHome(to.subject))) return [];
  return told.flatMap((placed) => {
    if (isOfErased(placed, isGone)) return [];
    const { entity, fact } = placed;
    if (!isKind(fact, 'homes')) return [placed];
    const homes = fact.homes.filter((subject) => !isGone(subjectOfHome(subject)));
    return homes.length === 0 ? [] : [homesFact(entity, homes)];
  });
}

function isOfErased({ entity, fact }: PlacedFact, isGone: IsGone): boolean {
  return [...namedByEntity(entity), ...namedByFact(fact)].some(isGone);
}

/** Whom the name of an entity names. */
function namedByEntity(entity: string): readonly Subject[] {
  const parts = entityParts(entity);
  const [, id = ''] = parts;
  if (isEntity(entity, ENTITY.copy))
    return [subjectOfHome(id), ...namedByEntity(parts.slice(2).join(PART))];
  if (isEntity(entity, ENTITY.merger) || isEntity(entity, ENTITY.invitation))
    return [{ kind: 'account', id }];
  if (OF_USERS.some((kind) => isEntity(entity, kind))) return [{ kind: 'user', id }];
  const place = userPlace(entity);
  return place === undefined ? [] : eitherOf(parts[place] ?? '');
}

function namedByFact(fact: Fact): readonly Subject[] {
  const { account = '' } = fact;
  return [
    ...(account === '' ? [] : [subjectOfHome(account)]),
    ...(isKind(fact, 'merger') ? eitherOf(fact.into) : []),
    ...(isKind(fact, 'attribution') ? accounts(fact.from, fact.to) : []),
    ...(isKind(fact, 'referral') && fact.referred !== null ? eitherOf(fact.referred) : []),
  ];
}

function accounts(...ids: readonly string[]): readonly Subject[] {
  return ids.map((id) => ({ kind: 'account', id }));
}

/** Who answers may be a user or, where none is named, the account. */
function eitherOf(id: string): readonly Subject[] {
  return [
    { kind: 'user', id },
    { kind: 'account', id },
  ];
}

const OF_USERS = [ENTITY.seen, ENTITY.shared, ENTITY.userMerger] as const;
