import { type AccountState, NO_ACCOUNT, accountState } from './account.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, entityParts } from './entity.ts';
import { type Fact } from './fact.ts';
import { type CountingInterval } from './kpi.ts';
import { type Measure, type MeasureOptions, type UnitName, type Units } from './measure.ts';
import { contains } from './span.ts';
import { answers, courseRuns, exposurePieces, firstCompletion, sales, tickets } from './units.ts';

/** One home as the measures see it: its account's state, and the effective facts of each entity. */
export interface HomeView {
  /** False for the home of a user who belongs to no account. */
  readonly hasAccount: boolean;
  readonly entities: () => Iterable<string>;
  readonly effective: (entity: string) => readonly Fact[];
}

/** Units of one entity, by name; what a KPI's measures are applied to. */
export type UnitSet = { readonly [Name in UnitName]?: readonly Units[Name][] };

/** The state of a home's account, from its subscriptions and its users' completions. */
export function stateOf(home: HomeView, definitions: Definitions): AccountState {
  if (!home.hasAccount) return NO_ACCOUNT;
  const subscriptions = new Map<string, readonly Fact[]>();
  const completions: number[] = [];
  for (const entity of home.entities()) {
    const [kind, , course] = entityParts(entity);
    if (kind === ENTITY.subscription) subscriptions.set(entity, home.effective(entity));
    if (kind === ENTITY.courseRun && isTraining(course, definitions))
      completions.push(firstCompletion(home.effective(entity)));
  }
  return accountState(
    { account: home.effective(ENTITY.account), subscriptions, completions },
    definitions,
  );
}

function isTraining(course: string | undefined, definitions: Definitions): boolean {
  return (
    definitions.trainingCourses.length === 0 || definitions.trainingCourses.includes(course ?? '')
  );
}

/** What the units of one entity are made from. */
export interface UnitOptions {
  readonly account: AccountState;
  readonly hasAccount: boolean;
  readonly definitions: Definitions;
}

/** Units of one entity; an internal account has none. */
export function unitsOfEntity(
  entity: string,
  facts: readonly Fact[],
  options: UnitOptions,
): UnitSet {
  const { account, definitions, hasAccount } = options;
  if (account.isInternal || facts.length === 0) return {};
  const [kind, , third] = entityParts(entity);
  switch (kind) {
    case ENTITY.courseRun:
      return {
        course_run: courseRuns(third ?? '', facts, {
          account,
          graceMs: definitions.completion.graceMs,
        }),
      };
    case ENTITY.ticket: {
      const pieces = exposurePieces(account, definitions.tenureEdgesMs);
      return {
        ticket: tickets(facts).map((ticket) => ({
          ticket,
          hasAccount,
          piece: pieces.find((piece) => contains(piece, ticket.at)),
        })),
      };
    }
    case ENTITY.respondent:
      return { answer: answers(facts, account) };
    case ENTITY.invoice:
      return { sale: sales(facts, account) };
    default:
      return {};
  }
}

/** Units of the home as a whole: the account with its exposure. */
export function unitsOfAccount(options: UnitOptions): UnitSet {
  const { account, definitions } = options;
  if (account.isInternal || !options.hasAccount) return {};
  return {
    account: [{ state: account, exposure: exposurePieces(account, definitions.tenureEdgesMs) }],
  };
}

/** The account as a seller: all its movements of sales. */
export function unitsOfSeller(home: HomeView, options: UnitOptions): UnitSet {
  if (options.account.isInternal) return {};
  const all = [...home.entities()].filter((entity) => entityParts(entity)[0] === ENTITY.invoice);
  return {
    seller: [{ sales: all.flatMap((entity) => sales(home.effective(entity), options.account)) }],
  };
}

/** The counting intervals of a measure over the units it is about. */
export function intervalsOf(
  measure: Measure,
  units: UnitSet,
  options: MeasureOptions,
): readonly CountingInterval[] {
  switch (measure.unit) {
    case 'course_run':
      return apply(measure, units.course_run, options);
    case 'answer':
      return apply(measure, units.answer, options);
    case 'sale':
      return apply(measure, units.sale, options);
    case 'ticket':
      return apply(measure, units.ticket, options);
    case 'account':
      return apply(measure, units.account, options);
    case 'seller':
      return apply(measure, units.seller, options);
  }
}

function apply<Unit>(
  measure: {
    readonly intervals: (unit: Unit, options: MeasureOptions) => readonly CountingInterval[];
  },
  units: readonly Unit[] | undefined,
  options: MeasureOptions,
): readonly CountingInterval[] {
  return (units ?? []).flatMap((unit) => measure.intervals(unit, options));
}
