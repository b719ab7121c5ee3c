import { type AccountState, NO_ACCOUNT, accountState } from './account.ts';
import { expanderOf } from './expansion.ts';
import { newcomerOf } from './acquisition.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, type EntityKind, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { trainingsOf } from './training.ts';
import { type UnitName, type Units } from './measure.ts';
import { referrerOf } from './onboarding.ts';
import { referredAccountOf } from './referred-accounts.ts';
import { ownEvents } from './own-units.ts';
import { productUserOf, starterOf } from './product-use.ts';
import { type Sale, sales } from './sales.ts';
import { spanAt } from './span.ts';
import { type NpsAnswer, cesAnswers, csatAnswers, npsAnswers } from './survey-answers.ts';
import { tickets } from './tickets.ts';
import {
  type ExposurePiece,
  courseRuns,
  exposurePieces,
  firstTraining,
  firstTrainingElsewhere,
} from './units.ts';

/** Units of one kind; what a KPI's measures are applied to. */
export type UnitList = {
  [Name in UnitName]: { readonly name: Name; readonly units: readonly Units[Name][] };
}[UnitName];

/** An account as the units of its home see it. */
export interface AccountView {
  readonly state: AccountState;
  /** Its active time, cut by training, tenure and plan. */
  readonly exposure: readonly ExposurePiece[];
}

/** What the units of one home are made with. */
export interface UnitOptions {
  readonly account: AccountView;
  /** As in the key of the home. */
  readonly subject: string;
  /** False for the home of a user who belongs to no account. */
  readonly hasAccount: boolean;
  readonly definitions: Definitions;
}

/** The account of a home, from its subscriptions and its users' completions. */
export function accountOf(
  home: FactSource,
  options: Pick<UnitOptions, 'hasAccount' | 'definitions'>,
): AccountView {
  const { hasAccount, definitions } = options;
  if (!hasAccount) return { state: NO_ACCOUNT, exposure: [] };
  const subscriptions = new Map<string, readonly Fact[]>();
  for (const entity of home.entities()) {
    if (isEntity(entity, ENTITY.subscription))
      subscriptions.set(entity, effectiveFacts(home, entity));
  }
  const state = accountState(
    {
      account: effectiveFacts(home, ENTITY.account),
      subscriptions,
      trainings: trainingsOf(home, definitions),
    },
    definitions,
  );
  return { state, exposure: exposurePieces(state, definitions.tenureEdgesMs) };
}

/** Whether other facts of an entity can make another account of what was one. Of all completions only the first matters. */
export function bearsOnAccount(
  entity: string,
  facts: { readonly before: readonly Fact[]; readonly after: readonly Fact[] },
  { trainedAt }: AccountState,
): boolean {
  if (OF_ACCOUNT.some((kind) => isEntity(entity, kind))) return true;
  if (!isEntity(entity, ENTITY.courseRun)) return false;
  return [firstTraining, firstTrainingElsewhere].some((first) => {
    const [was, is] = [first(facts.before), first(facts.after)];
    return was !== is && Math.min(was, is) <= trainedAt;
  });
}

const OF_ACCOUNT: readonly EntityKind[] = [ENTITY.account, ENTITY.subscription, ENTITY.membership];

/** Units of one entity; undefined when it has none, as in an internal account. */
export function unitsOfEntity(
  entity: string,
  facts: readonly Fact[],
  options: UnitOptions,
): UnitList | undefined {
  const { account, definitions, hasAccount, subject } = options;
  if (account.state.isInternal || facts.length === 0) return undefined;
  switch (entity[0]) {
    case ENTITY.courseRun: {
      const [, , course = ''] = entityParts(entity);
      const { graceMs } = definitions.completion;
      return {
        name: 'course_run',
        units: courseRuns(course, facts, { account: account.state, hasAccount, graceMs }),
      };
    }
    case ENTITY.ticket:
      return {
        name: 'ticket',
        units: tickets(facts, subject).map((ticket) => ({
          ticket,
          hasAccount,
          piece: spanAt(account.exposure, ticket.at),
        })),
      };
    case ENTITY.csatRespondent:
      return { name: 'csat_answer', units: csatAnswers(facts, account.state, definitions.surveys) };
    case ENTITY.npsRespondent:
      return { name: 'nps_answer', units: npsAnswers(facts, account.state) };
    case ENTITY.cesRespondent:
      return { name: 'ces_answer', units: cesAnswers(facts, account.state) };
    case ENTITY.spend: {
      const last = facts.findLast((fact) => isKind(fact, 'spend'));
      return { name: 'spend', units: last === undefined ? [] : [last] };
    }
    case ENTITY.invoice:
      return { name: 'sale', units: sales(facts, account.state, definitions) };
    case ENTITY.own:
      return { name: 'own_event', units: ownEvents(entity, facts, account.state) };
    default:
      return undefined;
  }
}

/** The account with its life as a customer. */
export function unitsOfAccount({ account, hasAccount }: UnitOptions): UnitList | undefined {
  if (account.state.isInternal || !hasAccount) return undefined;
  return { name: 'account', units: [account] };
}

/** The account with its active time by training, tenure and plan. */
export function unitsOfExposure({ account, hasAccount }: UnitOptions): UnitList | undefined {
  if (account.state.isInternal || !hasAccount) return undefined;
  return { name: 'exposure', units: [{ exposure: account.exposure }] };
}

/** A unit made of the account and other entities of its home. */
interface HomeUnit {
  /** Entities that it is made of. */
  readonly reads: readonly EntityKind[];
  /** Whether it is another one wherever the account's life differs; else only where one of those entities is affected. */
  readonly followsLife: boolean;
  readonly of: (home: FactSource, options: UnitOptions) => UnitList | undefined;
}

/** Units of a home beside its entities, its account and its exposure. */
export const HOME_UNITS: readonly HomeUnit[] = [
  { reads: [ENTITY.invoice], followsLife: false, of: unitsOfSeller },
  { reads: [ENTITY.npsRespondent], followsLife: false, of: recommendationsOf },
  {
    reads: [ENTITY.invoice],
    followsLife: true,
    of: ofAccount((home, state, definitions) => ({
      name: 'buyer',
      units: [{ state, sales: salesOf(home, state, definitions) }],
    })),
  },
  {
    reads: [ENTITY.subscription, ENTITY.onboarding, ENTITY.invoice],
    followsLife: true,
    of: ofAccount((home, state, definitions) => ({
      name: 'expander',
      units: [expanderOf(home, state, definitions)],
    })),
  },
  {
    reads: [ENTITY.account, ENTITY.lead, ENTITY.invoice],
    followsLife: true,
    of: ofAccount((home, state, definitions) => {
      const newcomer = newcomerOf(home, state, definitions);
      return { name: 'newcomer', units: newcomer === undefined ? [] : [newcomer] };
    }),
  },
  {
    reads: [ENTITY.account, ENTITY.onboarding, ENTITY.invitee],
    followsLife: true,
    of: ofAccount((home, state) => ({ name: 'referrer', units: [referrerOf(home, state)] })),
  },
  {
    reads: [ENTITY.account, ENTITY.invitation],
    followsLife: true,
    of: ofAccount((home, state) => {
      const referred = referredAccountOf(home, state);
      return { name: 'referred_account', units: referred === undefined ? [] : [referred] };
    }),
  },
  {
    reads: [ENTITY.account, ENTITY.onboarding, ENTITY.activity],
    followsLife: true,
    of: ofAccount((home, state) => ({ name: 'product_user', units: [productUserOf(home, state)] })),
  },
  {
    reads: [ENTITY.account, ENTITY.action],
    followsLife: true,
    of: ofAccount((home, state, definitions) => ({
      name: 'starter',
      units: [starterOf(home, state, definitions)],
    })),
  },
];

/** What the people of an account recommend, latest answers. */
function recommendationsOf(
  home: FactSource,
  { account, hasAccount }: UnitOptions,
): UnitList | undefined {
  if (account.state.isInternal || !hasAccount) return undefined;
  const answers: NpsAnswer[] = [];
  for (const entity of home.entities()) {
    if (isEntity(entity, ENTITY.npsRespondent))
      answers.push(...npsAnswers(effectiveFacts(home, entity), account.state));
  }
  return answers.length === 0 ? undefined : { name: 'nps_account', units: [{ answers }] };
}

/** The account as a seller: all its movements of sales. */
function unitsOfSeller(
  home: FactSource,
  { account, definitions }: UnitOptions,
): UnitList | undefined {
  if (account.state.isInternal) return undefined;
  return { name: 'seller', units: [{ sales: salesOf(home, account.state, definitions) }] };
}

function salesOf(home: FactSource, state: AccountState, definitions: Definitions): readonly Sale[] {
  const movements: Sale[] = [];
  for (const entity of home.entities()) {
    if (isEntity(entity, ENTITY.invoice))
      movements.push(...sales(effectiveFacts(home, entity), state, definitions));
  }
  return movements;
}

/** A unit that only an account is, and no internal one. */
function ofAccount(
  make: (home: FactSource, state: AccountState, definitions: Definitions) => UnitList,
): HomeUnit['of'] {
  return (home, { account, hasAccount, definitions }) =>
    account.state.isInternal || !hasAccount ? undefined : make(home, account.state, definitions);
}
