import { type Kpi } from './catalogue.ts';
import {
  HOME_UNITS,
  type UnitList,
  accountOf,
  unitsOfAccount,
  unitsOfEntity,
  unitsOfExposure,
} from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, PART, entityParts, isEntity } from './entity.ts';
import { entrantOf } from './entrant.ts';
import { type Fact, type FactOf, isKind, isOwn } from './fact.ts';
import { effectiveFacts } from './home.ts';
import { customerOf } from './lifetime.ts';
import { type Known } from './known.ts';
import { type Learner, type MemberHome } from './member-home.ts';
import { type Candidate, type Making, candidate } from './member-making.ts';
import { type ReasonCode } from './member-reason.ts';
import { ownCandidates } from './member-own.ts';
import { starterOf } from './product-use.ts';
import { referredAccountOf } from './referred-accounts.ts';
import { contains } from './span.ts';

/** All candidates of a home for a KPI at an as-of time. */
export function candidatesOf(
  home: MemberHome,
  asked: { readonly kpi: Kpi; readonly definitions: Definitions; readonly asOf: number },
): readonly Candidate[] {
  const { kpi, definitions, asOf } = asked;
  const { hasAccount } = home.key;
  const known = accountOf(home.home, { hasAccount, definitions });
  const { isInternal } = known.state;
  // Of an internal account, too, it can be said what it has.
  const account = { ...known, state: { ...known.state, isInternal: false } };
  const wanted = new Set(Object.values(kpi.measures).map(({ unit }) => unit));
  const making = { home, account, isInternal, wanted, definitions, asOf };
  return [
    ...accountCandidates(making),
    ...learnerCandidates(making),
    ...referredCandidates(making),
    ...ownCandidates(making),
    ...[...home.home.entities()].flatMap((entity) => entityCandidates(entity, making)),
  ];
}

function entityCandidates(entity: string, making: Making): readonly Candidate[] {
  const facts = effectiveFacts(making.home.home, entity);
  const { account, definitions, wanted, home } = making;
  const list = unitsOfEntity(entity, facts, {
    account,
    definitions,
    ...home.key,
  });
  if (list === undefined || !wanted.has(list.name)) return [];
  switch (list.name) {
    case 'course_run': {
      const versions = Map.groupBy(list.units, ({ version }) => version);
      const [, user = '', course = ''] = entityParts(entity);
      return [...versions].flatMap(([version, units]) =>
        isElsewhere(units, making.asOf)
          ? []
          : [
              candidate(making, {
                kind: 'course_run',
                name: `${entity}${PART}${version}`,
                ids: { user_id: user, course_id: course, course_version: version },
                at:
                  (units.find(({ known }) => contains(known, making.asOf)) ?? units.at(-1))
                    ?.enrolledAt ?? null,
                units: [{ name: 'course_run', units }],
              }),
            ],
      );
    }
    case 'ticket':
      return ticketCandidates(entity, making, list);
    case 'csat_answer':
      return answers(
        entity,
        making,
        list.units.map((unit) => ({ unit, list: { name: 'csat_answer', units: [unit] } })),
      );
    case 'nps_answer':
      return answers(
        entity,
        making,
        list.units.map((unit) => ({ unit, list: { name: 'nps_answer', units: [unit] } })),
      );
    case 'ces_answer':
      return answers(
        entity,
        making,
        list.units.map((unit) => ({ unit, list: { name: 'ces_answer', units: [unit] } })),
      );
    case 'sale': {
      const [, source = '', invoice = ''] = entityParts(entity);
      return list.units.flatMap((sale, index) =>
        isElsewhere([sale], making.asOf)
          ? []
          : [
              candidate(making, {
                kind: 'sale',
                name: `${entity}${PART}${index}`,
                ids: { source, invoice_id: invoice },
                at: sale.at,
                units: [{ name: 'sale', units: [sale] }],
              }),
            ],
      );
    }
    case 'spend': {
      const [, source = '', spend = ''] = entityParts(entity);
      return list.units.map((unit) =>
        candidate(making, {
          kind: 'spend',
          name: entity,
          ids: { source, spend_id: spend },
          at: unit.from,
          units: [list],
        }),
      );
    }
    case 'own_event': {
      const [, event_type = ''] = entityParts(entity);
      return list.units.map((unit, index) =>
        candidate(making, {
          kind: 'event',
          name: `${entity}${PART}${unit.at}${PART}${index}`,
          ids: { event_type, ...(unit.user !== '' && { user_id: unit.user }) },
          at: unit.at,
          units: [{ name: 'own_event', units: [unit] }],
        }),
      );
    }
    default:
      return [];
  }
}

/** A ticket that was never this account's is none of its candidates, though it may know of it. */
function ticketCandidates(
  entity: string,
  making: Making,
  list: Extract<UnitList, { name: 'ticket' }>,
): readonly Candidate[] {
  const facts = effectiveFacts(making.home.home, entity);
  const created = facts.findLast((fact) => isKind(fact, 'ticket'));
  const lives = list.units.map(({ ticket }) => ticket);
  const isOpened = facts.some((fact) => isKind(fact, 'ticket') && isOwn(fact));
  if (created === undefined || (lives.length === 0 && !isOpened)) return [];
  const [, source = '', id = ''] = entityParts(entity);
  const absence = isElsewhere(lives, making.asOf) ? absenceOfTicket(facts, created) : undefined;
  return [
    candidate(making, {
      kind: 'ticket',
      name: entity,
      ids: { source, ticket_id: id },
      at: created.at,
      units: [list],
      ...(absence !== undefined && { absence }),
    }),
  ];
}

function absenceOfTicket(facts: readonly Fact[], created: FactOf<'ticket'>): ReasonCode {
  if (facts.some((fact) => isKind(fact, 'invalidation'))) return 'invalidated';
  return created.isCounted ? 'moved_to_another_account' : 'not_customer_initiated';
}

/** Whether nothing is known of a unit at t, but was before: it is another home's by then, or was stated anew. */
function isElsewhere(states: readonly Known[], asOf: number): boolean {
  const isNow = states.some(({ known }) => contains(known, asOf));
  return !isNow && !states.some(({ known }) => asOf < known.from);
}

interface GivenAnswer {
  readonly unit: { readonly at: number; readonly survey: string; readonly context: string } & Known;
  readonly list: UnitList;
}

/** Every answer is one for itself, also those that a later one replaced. */
function answers(
  entity: string,
  making: Making,
  given: readonly GivenAnswer[],
): readonly Candidate[] {
  const [, context = '', respondent = '', source, survey, instance] = entityParts(entity);
  const { subject } = making.home.key;
  const ids = {
    ...(respondent !== subject && { user_id: respondent }),
    ...(source !== undefined && { source }),
    ...(instance !== undefined && { instance_id: instance }),
    context,
  };
  const invalid = effectiveFacts(making.home.home, entity).filter(
    (fact) => isKind(fact, 'void') && isOwn(fact),
  );
  return [
    ...given.map(({ unit, list }) =>
      candidate(making, {
        kind: 'answer',
        name: `${entity}${PART}${unit.at}`,
        ids: { ...ids, survey_id: unit.survey },
        at: unit.at,
        units: [list],
      }),
    ),
    ...invalid.map(({ at, key }) =>
      candidate(making, {
        kind: 'answer',
        name: `${entity}${PART}${key}`,
        ids: { ...ids, ...(survey !== undefined && { survey_id: survey }) },
        at,
        units: [],
        absence: 'invalid_answer',
      }),
    ),
  ];
}

/** The account in the roles that the KPI counts it in: one member, whatever they are. */
function accountCandidates(making: Making): readonly Candidate[] {
  const { home, account, wanted, definitions } = making;
  const { hasAccount, subject } = home.key;
  if (!hasAccount) return [];
  const options = { account, subject, hasAccount, definitions };
  const roles = [
    unitsOfAccount(options),
    unitsOfExposure(options),
    ...HOME_UNITS.map(({ of }) => of(home.home, options)),
    customerUnits(making),
    waitingUnits(making),
  ].filter((list) => list !== undefined && list.name !== 'referred_account');
  const units = roles.filter((list) => wanted.has(list.name) && !isIdleSeller(list));
  if (units.length === 0) return [];
  return [
    candidate(making, {
      kind: 'account',
      name: ENTITY.account,
      ids: { account_id: subject },
      at: null,
      units,
    }),
  ];
}

/** The account as one that was referred, beside its other roles: another variant counts those. */
function referredCandidates(making: Making): readonly Candidate[] {
  const { home, account, wanted } = making;
  const { hasAccount, subject } = home.key;
  if (!hasAccount || !wanted.has('referred_account')) return [];
  const unit = referredAccountOf(home.home, account.state);
  if (unit === undefined) return [];
  return [
    candidate(making, {
      kind: 'account',
      name: ENTITY.invitation,
      ids: { account_id: subject },
      at: unit.referredAt,
      units: [{ name: 'referred_account', units: [unit] }],
    }),
  ];
}

/** Who sells nothing is no seller; of all other roles it is told why an account is not in them. */
function isIdleSeller(list: UnitList): boolean {
  return list.name === 'seller' && list.units.every(({ sales }) => sales.length === 0);
}

function customerUnits({ home, account, wanted, definitions }: Making): UnitList | undefined {
  if (!wanted.has('customer')) return undefined;
  const options = { account, ...home.key, definitions };
  const sales = [...home.home.entities()].flatMap((entity) => {
    const list = isEntity(entity, ENTITY.invoice)
      ? unitsOfEntity(entity, effectiveFacts(home.home, entity), options)
      : undefined;
    return list?.name === 'sale' ? list.units : [];
  });
  const customer = customerOf(account.state, sales);
  return { name: 'customer', units: customer === undefined ? [] : [customer] };
}

function waitingUnits({ home, account, wanted, definitions }: Making): UnitList | undefined {
  if (!wanted.has('waiting_account')) return undefined;
  const { createdAt } = starterOf(home.home, account.state, definitions);
  const times = { origin: createdAt, reachedAt: home.firstValueAt };
  return {
    name: 'waiting_account',
    units: createdAt === Infinity ? [] : [entrantOf(account.state, times)],
  };
}

function learnerCandidates(making: Making): readonly Candidate[] {
  const { home, account, wanted, definitions } = making;
  if (!wanted.has('learner')) return [];
  return home.learners.map((learner) => {
    const times = { origin: learner.startedAt, reachedAt: proficientAt(learner, definitions) };
    return candidate(making, {
      kind: 'user',
      name: `${LEARNER}${PART}${learner.user}`,
      ids: { user_id: learner.user },
      at: learner.startedAt,
      units: [{ name: 'learner', units: [entrantOf(account.state, times)] }],
    });
  });
}

const LEARNER = 'learner';

/** When all courses of the rule, or any one where it names none, were first completed; Infinity while one is missing. */
function proficientAt({ completions }: Learner, { proficiencyCourses }: Definitions): number {
  const firstOf = (isMeant: (course: string) => boolean): number =>
    completions.reduce(
      (first, { course, at }) => (isMeant(course) ? Math.min(first, at) : first),
      Infinity,
    );
  if (proficiencyCourses.length === 0) return firstOf(() => true);
  return Math.max(...proficiencyCourses.map((course) => firstOf((one) => one === course)));
}
