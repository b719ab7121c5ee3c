import { type AccountState } from './account.ts';
import {
  type HomeView,
  type UnitOptions,
  stateOf,
  unitsOfAccount,
  unitsOfEntity,
  unitsOfSeller,
} from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { type DeltaSheet, countUnits } from './deltas.ts';
import { ENTITY, entityParts } from './entity.ts';
import {
  type Home,
  type HomeSnapshot,
  type PlacedFact,
  RETRACTIONS,
  effectiveFacts,
} from './home.ts';

/** A home before some events, and the means to tell what they change. */
export interface HomeChange {
  readonly tenantId: string;
  readonly hasAccount: boolean;
  readonly definitions: Definitions;
}

/**
 * Merge facts into a home and write the difference they make, intervals(after) - intervals(before), into a sheet.
 * Returns the names of the entities whose stored facts changed. Nothing new: no entity, no delta.
 */
export function applyFacts(
  home: Home,
  facts: readonly PlacedFact[],
  options: HomeChange & { sheet: DeltaSheet },
): ReadonlySet<string> {
  const before = home.snapshot();
  const touched = new Set<string>();
  for (const fact of facts) for (const entity of home.merge(fact)) touched.add(entity);
  if (touched.size === 0) return touched;
  const after = home.snapshot();
  const affected = [...touched].some(bearsOnAccount) ? undefined : touched;
  const stateBefore = stateOf(view(before, options), options.definitions);
  const stateAfter =
    affected === undefined ? stateOf(view(after, options), options.definitions) : stateBefore;
  const scope = affected === undefined && isSameState(stateBefore, stateAfter) ? touched : affected;
  countHome(view(before, options), { ...options, scope, account: stateBefore, sign: -1 });
  countHome(view(after, options), { ...options, scope, account: stateAfter, sign: 1 });
  return touched;
}

/** Enter all that a home counts into a sheet: what a recount does for every home. */
export function countAll(home: Home, options: HomeChange & { sheet: DeltaSheet }): void {
  const whole = view(home.snapshot(), options);
  countHome(whole, {
    ...options,
    scope: undefined,
    account: stateOf(whole, options.definitions),
    sign: 1,
  });
}

function view(home: HomeSnapshot, options: HomeChange): HomeView {
  return {
    hasAccount: options.hasAccount,
    entities: () => home.keys(),
    effective: (entity) => effectiveFacts(home, entity),
  };
}

/** Entities that decide the account's state: everything else is counted by it. */
function bearsOnAccount(entity: string): boolean {
  const [kind] = entityParts(entity);
  return (
    kind === ENTITY.account ||
    kind === ENTITY.subscription ||
    kind === ENTITY.courseRun ||
    kind === RETRACTIONS
  );
}

function isSameState(a: AccountState, b: AccountState): boolean {
  return stateText(a) === stateText(b);
}

function stateText(state: AccountState): string {
  const pieces = state.pieces.map(({ from, plan, mrr }) => [String(from), plan, [...mrr]]);
  return JSON.stringify([
    state.isInternal,
    String(state.trainedAt),
    state.active.map(({ from, to }) => [from, String(to)]),
    pieces,
  ]);
}

interface CountScope extends UnitOptions {
  readonly tenantId: string;
  readonly sheet: DeltaSheet;
  readonly sign: 1 | -1;
  /** Entities to count; all of them and the account itself when undefined. */
  readonly scope: ReadonlySet<string> | undefined;
}

function countHome(home: HomeView, options: CountScope): void {
  const entities = options.scope ?? home.entities();
  for (const entity of entities) {
    countUnits(options.sheet, unitsOfEntity(entity, home.effective(entity), options), options);
  }
  if (options.scope === undefined) countUnits(options.sheet, unitsOfAccount(options), options);
  const hasSales =
    options.scope === undefined ||
    [...options.scope].some((entity) => entityParts(entity)[0] === ENTITY.invoice);
  if (hasSales) countUnits(options.sheet, unitsOfSeller(home, options), options);
}
