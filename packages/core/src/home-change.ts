import { type AccountPiece } from './account.ts';
import { isCompressed, isReplaced } from './activity.ts';
import {
  type AccountView,
  HOME_UNITS,
  type UnitOptions,
  type UnitList,
  accountOf,
  bearsOnAccount,
  unitsOfAccount,
  unitsOfEntity,
  unitsOfExposure,
} from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { type DeltaSheet } from './delta-sheet.ts';
import { countChange } from './deltas.ts';
import { ENTITY, type EntityKind, isAny, isEntity } from './entity.ts';
import { isKind } from './fact.ts';
import { type HomeKey } from './home-key.ts';
import {
  type FactSource,
  type Home,
  type Merged,
  type PlacedFact,
  effectiveFacts,
} from './home.ts';
import {
  type MergedHome,
  bearsOnMerging,
  counted,
  isMergingHome,
  isSameMerging,
  mergedHome,
  mergingOf,
} from './merging.ts';
import { repliesToOutdated } from './outdated-mergers.ts';
import { EVERYTHING, ownHistories, ownScopeOf } from './own-units.ts';
import { type Dispatch, dispatchesOf } from './shared-users.ts';
import { differingRange, isSame } from './same.ts';
import { ALWAYS, type Span, contains, hull, isEmpty, isSameSpan } from './span.ts';
import { releasesHistory } from './taken-back.ts';
import { type ExposurePiece } from './units.ts';

/** Whose home it is, and by which definitions it counts. */
export interface HomeOwner extends HomeKey {
  readonly definitions: Definitions;
}

/** What facts that were merged into a home changed. */
export interface HomeChange {
  /** Entities whose stored facts changed; none if nothing was new. */
  readonly entities: ReadonlySet<string>;
  /** What other homes must be told of it. */
  readonly dispatches: readonly Dispatch[];
  /** Something is no longer taken back that only history has: the home must be read again. */
  readonly releasesHistory: boolean;
}

/** A home and what it counts. Between changes it remembers its account, which nearly every unit is made with. */
export class CountedHome {
  readonly home: Home;
  readonly owner: HomeOwner;
  #account: AccountView | undefined;
  /** Whether the home knows of merged accounts: then it does not count what it holds as it is. */
  #isMerging: boolean | undefined;
  #merged: MergedHome | undefined;

  constructor(home: Home, owner: HomeOwner) {
    this.home = home;
    this.owner = owner;
  }

  /**
   * Merge facts and write the difference they make, intervals(after) - intervals(before), into a sheet. Nothing new: no
   * entity, no delta.
   */
  apply(facts: readonly PlacedFact[], sheet: DeltaSheet): HomeChange {
    const { home, owner } = this;
    this.#isMerging ??= isMergingHome(home);
    const merged = home.mergeAll(facts);
    const { touched: entities, before } = merged;
    const replies = repliesToOutdated(facts, this);
    if (entities.size === 0) return { entities, dispatches: replies, releasesHistory: false };
    this.#isMerging ||= bearsOnMerging(entities) && isMergingHome(home);
    if (this.#isMerging) this.#countMerging(facts, merged, sheet);
    else this.#count(home, merged, sheet);
    const news = dispatchesOf({ owner, home, touched: entities, before });
    return {
      entities,
      dispatches: replies.length === 0 ? news : [...news, ...replies],
      releasesHistory: releasesHistory(home, merged),
    };
  }

  /** Enter all that the home counts: what a recount does for every home. */
  countAll(sheet: DeltaSheet): void {
    for (const to of this.#all()) countChange(sheet, { from: undefined, to }, this.owner);
  }

  /** Take back all that the home counts. */
  withdrawAll(sheet: DeltaSheet): void {
    for (const from of this.#all()) countChange(sheet, { from, to: undefined }, this.owner);
  }

  #all(): readonly (UnitList | undefined)[] {
    return this.#unitsOf(
      isMergingHome(this.home) ? mergedHome(this.home, this.owner).home : this.home,
    );
  }

  /** The same accounts as before: what is new in one of them. Others, or one that was read again: all is withdrawn and entered. */
  #countMerging(
    facts: readonly PlacedFact[],
    { touched, before }: Merged,
    sheet: DeltaSheet,
  ): void {
    const { owner } = this;
    const was = this.#merged ?? mergedHome(before, owner);
    const merging = mergingOf(this.home, owner);
    const held = facts.flatMap((placed) => this.#asHeld(placed));
    const news = counted(held, merging, owner);
    const isMore = !this.#isReplaced(touched, before) && !leavesAny(was.home, held, news);
    if (isSameMerging(was.merging, merging) && isMore) {
      this.#merged = was;
      const change = was.home.mergeAll(news);
      if (change.touched.size > 0) this.#count(was.home, change, sheet);
      return;
    }
    const is = mergedHome(this.home, owner);
    for (const from of this.#unitsOf(was.home)) countChange(sheet, { from, to: undefined }, owner);
    for (const to of this.#unitsOf(is.home)) countChange(sheet, { from: undefined, to }, owner);
    this.#merged = is;
    this.#account = undefined;
  }

  /** What holds of what was taken in: a version that another one supersedes says nothing, and several may be taken in at once. */
  #asHeld(placed: PlacedFact): readonly PlacedFact[] {
    const { entity, fact } = placed;
    if (isKind(fact, 'withdrawn')) return [placed];
    if (!isCompressed(fact)) return this.home.factOf(fact.key) === fact ? [placed] : [];
    const [held] = isEntity(entity, ENTITY.copy) ? this.home.facts(entity) : [];
    return [{ entity, fact: held ?? fact }];
  }

  /** Whether a merged account tells other activity than before, and not just more. */
  #isReplaced(touched: ReadonlySet<string>, before: FactSource): boolean {
    return [...touched].some((entity) => isReplaced(before.facts(entity), this.home.facts(entity)));
  }

  /** All units of a home. */
  #unitsOf(home: FactSource): readonly (UnitList | undefined)[] {
    const options = this.#unitOptions(accountOf(home, this.owner));
    return [
      ...[...home.entities()].map((entity) =>
        unitsOfEntity(entity, effectiveFacts(home, entity), options),
      ),
      unitsOfAccount(options),
      unitsOfExposure(options),
      ...HOME_UNITS.map((unit) => unit.of(home, options)),
      ...ownHistories(home, options, EVERYTHING),
    ];
  }

  #count(home: Home, { touched, before }: Merged, sheet: DeltaSheet): void {
    const former = this.#account ?? accountOf(before, this.owner);
    const current = this.#isAccountTouched(home, { touched, before }, former)
      ? accountOf(home, this.owner)
      : former;
    const recut = current === former ? NEVER : differingSpans(former, current);
    this.#account = current;
    const was = this.#unitOptions(former);
    const is = current === former ? was : this.#unitOptions(current);
    const change = (from: UnitList | undefined, to: UnitList | undefined): void =>
      countChange(sheet, { from, to }, this.owner);
    const affected = isEmpty(recut.exposure)
      ? touched
      : this.#affected(home, { touched, before }, recut);
    for (const entity of affected) {
      change(
        unitsOfEntity(entity, effectiveFacts(before, entity), was),
        unitsOfEntity(entity, effectiveFacts(home, entity), is),
      );
    }
    if (!isEmpty(recut.life)) change(unitsOfAccount(was), unitsOfAccount(is));
    if (!isEmpty(recut.exposure)) change(unitsOfExposure(was), unitsOfExposure(is));
    for (const unit of HOME_UNITS) {
      const isAffected =
        (unit.followsLife && !isEmpty(recut.life)) || holdsAnyOf(affected, unit.reads);
      if (isAffected) change(unit.of(before, was), unit.of(home, is));
    }
    const scope = ownScopeOf(affected, this.owner.definitions);
    if (scope === undefined) return;
    const histories = ownHistories(home, is, scope);
    for (const [index, formerUnits] of ownHistories(before, was, scope).entries())
      change(formerUnits, histories[index]);
  }

  /** Units look at their account at the instants of their own facts: those that have one where it differs are affected too. */
  #affected(home: Home, { touched, before }: Merged, recut: Recut): ReadonlySet<string> {
    const affected = new Set(touched);
    for (const entity of before.entities()) {
      if (affected.has(entity)) continue;
      // Tickets alone see whether the account is trained.
      const span = isEntity(entity, ENTITY.ticket) ? recut.exposure : recut.life;
      if (home.facts(entity).some((fact) => contains(span, fact.at))) affected.add(entity);
    }
    return affected;
  }

  #isAccountTouched(home: Home, { touched, before }: Merged, { state }: AccountView): boolean {
    for (const entity of touched) {
      const facts = {
        before: effectiveFacts(before, entity),
        after: effectiveFacts(home, entity),
      };
      if (bearsOnAccount(entity, facts, state)) return true;
    }
    return false;
  }

  #unitOptions(account: AccountView): UnitOptions {
    return {
      account,
      subject: this.owner.subject,
      hasAccount: this.owner.hasAccount,
      definitions: this.owner.definitions,
    };
  }
}

/** Whether a fact that is counted has become one that is not: it happened when its user belonged elsewhere. */
function leavesAny(home: Home, held: readonly PlacedFact[], news: readonly PlacedFact[]): boolean {
  if (news.length === held.length) return false;
  const left = new Set(news.map(({ fact }) => fact.key));
  return held.some(({ fact }) => !left.has(fact.key) && home.factOf(fact.key) !== undefined);
}

function holdsAnyOf(entities: Iterable<string>, kinds: readonly EntityKind[]): boolean {
  return isAny(entities, (entity) => kinds.some((kind) => isEntity(entity, kind)));
}

/** Where an account differs from what it was. Its exposure differs wherever its life does. */
interface Recut {
  readonly life: Span;
  readonly exposure: Span;
}

const NOWHERE: Span = { from: Infinity, to: -Infinity };
const NEVER: Recut = { life: NOWHERE, exposure: NOWHERE };

function differingSpans(a: AccountView, b: AccountView): Recut {
  if (a.state.isInternal !== b.state.isInternal) return { life: ALWAYS, exposure: ALWAYS };
  const life = hull(
    differingSpan(a.state.pieces, b.state.pieces, isSamePiece),
    differingSpan(a.state.active, b.state.active, isSameSpan),
  );
  return { life, exposure: hull(life, differingSpan(a.exposure, b.exposure, isSameExposure)) };
}

/** The stretch outside of which two ascending lists of spans are the same. */
function differingSpan<Part extends Span>(
  a: readonly Part[],
  b: readonly Part[],
  isSamePart: (one: Part, other: Part) => boolean,
): Span {
  const { first, fromEnd, toEnd } = differingRange(a, b, isSamePart);
  const differing = [...a.slice(first, fromEnd), ...b.slice(first, toEnd)];
  return differing.reduce(hull, NOWHERE);
}

function isSamePiece(a: AccountPiece, b: AccountPiece): boolean {
  return isSameSpan(a, b) && a.plan === b.plan && isSame(a.mrr, b.mrr);
}

function isSameExposure(a: ExposurePiece, b: ExposurePiece): boolean {
  return isSameSpan(a, b) && isSame(a.dimensions, b.dimensions);
}
