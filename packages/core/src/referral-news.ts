import { lastStated } from './account.ts';
import { ENTITY, PART, entityName, isAny, isEntity } from './entity.ts';
import { type Fact, type FactOf, byOccurrence, isKind } from './fact.ts';
import { type HomeKey, homeKey } from './home-key.ts';
import { type FactSource, Home, type PlacedFact, RETRACTIONS, effectiveFacts } from './home.ts';
import { counted, isMergingHome, mergingOf, originalOf } from './merging.ts';
import { domainOf, isValidReferral } from './onboarding.ts';
import { bearsOnPlacing } from './placement.ts';
import { type Dispatch, type Taken } from './shared-users.ts';

/**
 * Whether an account became a customer is known at its home, and who referred it at the homes of others. So each account tells
 * those that it referred of the first valid referral of them, and takes that back when another one is the first, or none is valid.
 * Of accounts that were merged only the root tells, of the referrals of all of them; who was referred and then merged hands
 * on what it was told like everything else (merged-accounts.ts).
 *
 * Of every referral that may have become another one it is told how it stands, also where that is nothing new: what was told
 * before a crash may never have been stored.
 */
export function dispatchesOfReferrals(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  if (!owner.hasAccount || !isAny(touched, decidesReferrals)) return NONE;
  const named = [...new Set([...referralsIn(home), ...referralsIn(before)])];
  if (named.length === 0) return NONE;
  const isOfAll = isAny(touched, decidesAllReferrals);
  const anew = isOfAll ? named : named.filter((entity) => touched.has(entity));
  const [was, is] = [firstReferrals(before, owner), firstReferrals(home, owner)];
  const changed = [
    ...[...was.values()].filter((fact) => !isSameReferral(fact, is.get(fact.referred))),
    ...[...is.values()].filter((fact) => !isSameReferral(fact, was.get(fact.referred))),
  ];
  const stated = anew.flatMap((entity) => [...statedIn(before, entity), ...statedIn(home, entity)]);
  return [...Map.groupBy([...stated, ...changed], ({ referred }) => referred)].map(
    ([referred, facts]) => {
      const first = is.get(referred);
      const others = facts.filter((fact) => !isSameReferral(fact, first));
      const told = first === undefined ? [] : [first];
      return newsFor(referred, owner, { withdrawn: others, told });
    },
  );
}

/** What a referral says that its home already knows in a later version: who was referred before is told that it does not hold. */
export function withdrawalsOfOutdated(
  { entity, fact }: PlacedFact,
  { home, owner }: { readonly home: Home; readonly owner: HomeKey },
): readonly Dispatch[] {
  if (!isStated(fact) || !owner.hasAccount || !isOfReferrals(entity)) return NONE;
  const held = home.factOf(fact.key);
  if (held === undefined || isSameReferral(fact, held)) return NONE;
  return [newsFor(fact.referred, owner, { withdrawn: [fact], told: [] })];
}

const NONE: readonly Dispatch[] = [];

type Stated = FactOf<'referral'> & { readonly referred: string };

/** A referral that names the account that is referred. */
function isStated(fact: Fact): fact is Stated {
  return isKind(fact, 'referral') && fact.referred !== null;
}

function statedIn(source: FactSource, entity: string): readonly Stated[] {
  return source.facts(entity).filter(isStated);
}

function isSameReferral(a: Stated, b: Fact | undefined): boolean {
  return (
    b !== undefined &&
    isStated(b) &&
    a.key === b.key &&
    a.referred === b.referred &&
    a.at === b.at &&
    a.sourceVersion === b.sourceVersion &&
    a.receivedAt === b.receivedAt &&
    a.offset === b.offset
  );
}

/** Names of entities, of the account or of one that was merged into it, that tell whom it invited. */
function referralsIn(source: FactSource): readonly string[] {
  return [...source.entities()].filter(isOfReferrals);
}

function isOfReferrals(entity: string): boolean {
  return isEntity(originalOf(entity), ENTITY.invitee);
}

/** Whether it may bear on some referral. Of what happens often nothing does. */
function decidesReferrals(entity: string): boolean {
  return entity === RETRACTIONS || isOfReferrals(entity) || decidesAllReferrals(entity);
}

/** Whether it may bear on referrals of other entities, too. */
function decidesAllReferrals(entity: string): boolean {
  const isOfAccount =
    isEntity(entity, ENTITY.merger) || isEntity(originalOf(entity), ENTITY.account);
  return isOfAccount || bearsOnPlacing(originalOf(entity));
}

/** The first valid referral of each account; none of an account that was merged into another one, or that is internal. */
function firstReferrals(source: FactSource, owner: HomeKey): ReadonlyMap<string, Stated> {
  const home = asCounted(source, owner);
  const firsts = new Map<string, Stated>();
  if (lastStated(effectiveFacts(home, ENTITY.account), (fact) => fact.isInternal) === true)
    return firsts;
  const own = domainOf(home);
  for (const entity of referralsIn(home)) {
    for (const fact of effectiveFacts(home, entity)) {
      if (!isValidReferral(fact, own) || !isStated(fact)) continue;
      const first = firsts.get(fact.referred);
      if (first === undefined || byOccurrence(fact, first) < 0) firsts.set(fact.referred, fact);
    }
  }
  return firsts;
}

/** The home as it counts, as far as it matters here. */
function asCounted(source: FactSource, owner: HomeKey): FactSource {
  const entities = [...source.entities()];
  if (!isMergingHome(source)) return source;
  const merging = mergingOf(source, owner);
  const home = new Home();
  for (const entity of entities.filter(decidesReferrals)) {
    const facts = source.facts(entity).map((fact) => ({ entity, fact }));
    home.mergeAll(counted(facts, merging, owner));
  }
  return home;
}

interface News {
  readonly withdrawn: readonly Stated[];
  readonly told: readonly Stated[];
}

function newsFor(referred: string, { tenantId, subject }: HomeKey, news: News): Dispatch {
  const entity = entityName(ENTITY.invitation, subject);
  const originOf = ({ key, eventId, at, sourceVersion, receivedAt, offset }: Fact) => ({
    // The home may hold the event itself, too, and be told of it by others.
    key: ['', subject, key].join(PART),
    eventId,
    at,
    sourceVersion,
    receivedAt,
    offset,
    account: subject,
  });
  return {
    to: homeKey(tenantId, referred),
    facts: [
      ...news.withdrawn.map((fact): PlacedFact => ({
        entity,
        fact: { ...originOf(fact), kind: 'withdrawn' },
      })),
      ...news.told.map((fact): PlacedFact => ({
        entity,
        fact: { ...originOf(fact), kind: 'referral', domain: '', isSelf: false, referred: null },
      })),
    ],
  };
}
