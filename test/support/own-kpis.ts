import {
  ACCOUNT_PLAN,
  type EventType,
  type OwnDimension,
  type OwnEvents,
  type OwnFilter,
  type OwnFormula,
  type OwnKpi,
  type OwnSide,
  days,
  hours,
} from '@kpi/core';
import * as fc from 'fast-check';

import { type LoggedEvent } from './core-engine.ts';

/** Filters that events of a type can be asked with; most divide those of a drawn log. */
const FILTERS: Partial<Record<EventType, readonly OwnFilter[]>> = {
  'product.action_performed': [
    { field: 'action', is: 'in', values: ['open', 'invite_user'] },
    { field: 'action', is: 'not_in', values: ['open'] },
    { field: 'is_value_event', is: 'in', values: [true] },
  ],
  'billing.invoice_paid': [
    { field: 'amount_net_minor', is: 'greater', values: [5] },
    { field: 'purchase_count', is: 'less', values: [2] },
    { field: 'currency', is: 'not_in', values: ['EUR'] },
  ],
  'support.ticket_created': [
    { field: 'is_support', is: 'not_in', values: [false] },
    { field: 'is_customer_initiated', is: 'in', values: [true] },
  ],
  'survey.response_submitted': [
    { field: 'kind', is: 'in', values: ['csat', 'ces'] },
    { field: 'score', is: 'greater', values: [3] },
    { field: 'scale_max', is: 'in', values: [5, 10] },
  ],
  'account.created': [{ field: 'imported', is: 'not_in', values: [true] }],
  'lms.lesson_completed': [{ field: 'course_id', is: 'in', values: ['basics'] }],
  'lms.course_completed': [{ field: 'success', is: 'in', values: [false] }],
  'billing.subscription_updated': [{ field: 'change_reason', is: 'in', values: ['plan', 'seats'] }],
  'marketing.spend_recorded': [{ field: 'channel', is: 'in', values: ['ads'] }],
};

const ATTRIBUTE_FILTERS: readonly OwnFilter[] = [
  { field: 'attributes.region', is: 'in', values: ['north', ''] },
  { field: 'attributes.region', is: 'not_in', values: ['south'] },
  { field: 'attributes.tokens', is: 'in', values: [12, '007'] },
  { field: 'attributes.tokens', is: 'less', values: [13] },
];

const TYPES: readonly EventType[] = [
  'product.action_performed',
  'billing.invoice_paid',
  'support.ticket_created',
  'survey.response_submitted',
  'account.created',
  'lms.lesson_completed',
  'lms.course_completed',
  'billing.subscription_updated',
  'marketing.spend_recorded',
];

/** Whole numbers and money that a type has beside its attributes. */
const NUMBERS: Partial<Record<EventType, readonly string[]>> = {
  'billing.invoice_paid': ['purchase_count', 'amount_net_minor', 'amount_net_minor'],
  'survey.response_submitted': ['score'],
  'billing.subscription_updated': ['quantity', 'mrr_minor'],
  'marketing.spend_recorded': ['amount_minor'],
};

/** Texts by which a type can be split. */
const TEXTS: Partial<Record<EventType, readonly string[]>> = {
  'product.action_performed': ['action', 'is_value_event'],
  'billing.invoice_paid': ['currency'],
  'survey.response_submitted': ['kind', 'context'],
  'lms.lesson_completed': ['course_id'],
  'account.created': ['source_channel'],
};

function eventsOf(type: EventType): fc.Arbitrary<OwnEvents> {
  const filters = [...(FILTERS[type] ?? []), ...ATTRIBUTE_FILTERS];
  return fc
    .tuple(fc.constantFrom(0, 0, 0, 1, 2), fc.array(fc.constantFrom(...filters), SOME_FILTERS))
    .map(([count, drawn]) => ({ event: type, where: drawn.slice(0, count) }));
}

const SOME_FILTERS = { minLength: 2, maxLength: 2 };

const entity = fc.constantFrom('account', 'user');

function isMoney(field: string): boolean {
  return field.endsWith('_minor');
}

function numberOf({ event }: OwnEvents, isMoneyAllowed: boolean): fc.Arbitrary<string> {
  const numbers = [...(NUMBERS[event] ?? []), 'attributes.tokens'];
  return fc.constantFrom(...numbers.filter((field) => isMoneyAllowed || !isMoney(field)));
}

function sideOf(events: OwnEvents, isMoneyAllowed: boolean): fc.Arbitrary<OwnSide> {
  return fc.oneof(
    fc.constant<OwnSide>({ type: 'count', events }),
    entity.map((of): OwnSide => ({ type: 'distinct', events, of })),
    numberOf(events, isMoneyAllowed).map((of): OwnSide => ({ type: 'sum', events, of })),
  );
}

/** Of any filters of the denominator the numerator may have more: then it is a share. */
function ratios(anyEvents: fc.Arbitrary<OwnEvents>): fc.Arbitrary<OwnFormula> {
  return fc.tuple(anyEvents, anyEvents, fc.boolean()).chain(([numerator, denominator, isShare]) => {
    const where = [...denominator.where, ...ATTRIBUTE_FILTERS.slice(0, 1)];
    return isShare
      ? sideOf(denominator, false).map((side): OwnFormula => ({
          type: 'ratio',
          numerator: { ...side, events: { ...denominator, where } },
          denominator: side,
        }))
      : fc.record({
          type: fc.constant('ratio' as const),
          numerator: sideOf(numerator, true),
          denominator: sideOf(denominator, false),
        });
  });
}

function formulas(types: readonly EventType[]): fc.Arbitrary<OwnFormula> {
  const anyEvents = fc.constantFrom(...types).chain(eventsOf);
  const cohorts = fc.record({
    type: fc.constant('cohort_ratio' as const),
    entry: anyEvents,
    converted: anyEvents,
    per: entity,
    horizonMs: fc.constantFrom(hours(1), days(1), days(7), days(7) + 1, days(28)),
  });
  return fc.oneof(
    anyEvents.chain((events): fc.Arbitrary<OwnFormula> => sideOf(events, true)),
    anyEvents.chain((events) =>
      numberOf(events, false).map((of): OwnFormula => ({ type: 'mean', events, of })),
    ),
    ratios(anyEvents),
    cohorts,
    cohorts,
  );
}

const ANYWHERE: readonly OwnDimension[] = [
  { name: 'plan', field: ACCOUNT_PLAN },
  { name: 'region', field: 'attributes.region' },
  { name: 'source', field: 'source' },
];

function dimensionsOf(formula: OwnFormula): fc.Arbitrary<readonly OwnDimension[]> {
  const own = formula.type === 'ratio' ? [] : textsOf(formula);
  const all = [...ANYWHERE, ...own.map((field) => ({ name: `by_${field}`, field }))];
  return fc.uniqueArray(fc.constantFrom(...all), {
    maxLength: 3,
    selector: ({ name }) => name,
  });
}

function textsOf(formula: Exclude<OwnFormula, { type: 'ratio' }>): readonly string[] {
  return TEXTS[formula.type === 'cohort_ratio' ? formula.entry.event : formula.events.event] ?? [];
}

const windows = fc.constantFrom<readonly number[]>(
  [days(7)],
  [days(1), days(28)],
  [hours(1), days(7), days(28)],
);

function unitOf(formula: OwnFormula): OwnKpi['unit'] {
  const moneyIn = (side: OwnSide): boolean => side.type === 'sum' && isMoney(side.of);
  switch (formula.type) {
    case 'sum':
      return moneyIn(formula) ? 'money' : 'number';
    case 'ratio':
      return moneyIn(formula.numerator) ? 'money' : 'ratio';
    case 'cohort_ratio':
      return 'ratio';
    default:
      return 'number';
  }
}

/** A log and a few declarations without problems about what is in it. */
export function logWithOwnKpis(
  logs: fc.Arbitrary<readonly LoggedEvent[]>,
  count = 4,
): fc.Arbitrary<{ readonly log: readonly LoggedEvent[]; readonly own: readonly OwnKpi[] }> {
  return logs.chain((log) => {
    const types = log.flatMap(({ event }) => TYPES.filter((type) => type === event.event_type));
    const kpis = Array.from({ length: count }, (_, index) =>
      ownKpi(`own_${index}`, types.length === 0 ? TYPES : types),
    );
    return fc.record({ log: fc.constant(log), own: fc.tuple(...kpis) });
  });
}

function ownKpi(id: string, types: readonly EventType[]): fc.Arbitrary<OwnKpi> {
  return formulas(types).chain((formula) =>
    fc.tuple(dimensionsOf(formula), windows).map(([dimensions, live]) => ({
      ...formula,
      id,
      version: 1,
      title: id,
      description: '',
      unit: unitOf(formula),
      dimensions,
      windows: live,
    })),
  );
}
