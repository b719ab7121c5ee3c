import {
  ACCOUNT_PLAN,
  EVENT_TYPES,
  KPI_UNITS,
  OWN_EVENT_TYPES,
  type OwnEvents,
  type OwnFilter,
  type OwnFormula,
  type OwnKpi,
  type OwnSide,
  days,
  formatDuration,
  problemsOf,
  unitsOfOwn,
} from '@kpi/core';
import { z } from 'zod';

import { count, duration, text } from './fields.ts';

const VERSION_MAX = 1_000_000;
const DEFAULT_WINDOWS = [days(7), days(28)];

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected a text, a number, true or false',
});
const scalars = z.array(scalar, 'expected a list of values');

const FILTER_FORM = 'expected a field and one of equals, in, not, greater, less';

const filter = z
  .strictObject(
    {
      field: text,
      equals: scalar.optional(),
      in: scalars.optional(),
      not: z.union([scalar, scalars]).optional(),
      greater: z.number('expected a number').optional(),
      less: z.number('expected a number').optional(),
    },
    { error: FILTER_FORM },
  )
  .transform(({ field, equals, in: among, not, greater, less }, context): OwnFilter => {
    const stated: readonly OwnFilter[] = [
      ...(equals === undefined ? [] : [{ field, is: 'in', values: [equals] } as const]),
      ...(among === undefined ? [] : [{ field, is: 'in', values: among } as const]),
      ...(not === undefined ? [] : [{ field, is: 'not_in', values: [not].flat() } as const]),
      ...(greater === undefined ? [] : [{ field, is: 'greater', values: [greater] } as const]),
      ...(less === undefined ? [] : [{ field, is: 'less', values: [less] } as const]),
    ];
    const [only] = stated;
    if (only !== undefined && stated.length === 1) return only;
    context.addIssue({ code: 'custom', message: FILTER_FORM });
    return z.NEVER;
  });

const eventType = z.enum(EVENT_TYPES, {
  error: `expected an event: ${OWN_EVENT_TYPES.join(', ')}`,
});

/** The name of an event alone stands for all of its kind. */
const events = z.preprocess(
  (given) => (typeof given === 'string' ? { event: given } : given),
  z.strictObject(
    { event: eventType, where: z.array(filter, 'expected a list of filters').default([]) },
    { error: 'expected an event, or the keys event, where' },
  ),
);

const entity = z.enum(['account', 'user'], { error: 'expected account or user' });

const SIDES = [
  z.strictObject({ type: z.literal('count'), events }),
  z.strictObject({ type: z.literal('distinct'), events, of: entity }),
  z.strictObject({ type: z.literal('sum'), events, of: text }),
] as const;

const side = z.discriminatedUnion('type', SIDES, {
  error: 'expected the keys type (count, distinct or sum), events, of',
});

/** The name of a field alone is its own name; `plan` is that of the account. */
const dimension = z.preprocess(
  (given) =>
    typeof given === 'string'
      ? { name: given, field: given === 'plan' ? ACCOUNT_PLAN : given }
      : given,
  z.strictObject(
    { name: text, field: text },
    { error: 'expected the name of a field, or the keys name, field' },
  ),
);

const COMMON = {
  id: text,
  version: count(1, VERSION_MAX).default(1),
  title: text,
  description: z.string('expected a text').default(''),
  unit: z.enum(KPI_UNITS, { error: `expected one of ${KPI_UNITS.join(', ')}` }).optional(),
  dimensions: z.array(dimension, 'expected a list of dimensions').default([]),
  windows: z.array(duration, 'expected a list of durations').default(DEFAULT_WINDOWS),
};

const [countSide, distinctSide, sumSide] = SIDES;

const formula = z.discriminatedUnion(
  'type',
  [
    countSide.extend(COMMON),
    distinctSide.extend(COMMON),
    sumSide.extend(COMMON),
    z.strictObject({ ...COMMON, type: z.literal('mean'), events, of: text }),
    z.strictObject({ ...COMMON, type: z.literal('ratio'), numerator: side, denominator: side }),
    z.strictObject({
      ...COMMON,
      type: z.literal('cohort_ratio'),
      entry: events,
      converted: events,
      per: entity,
      horizon: duration,
    }),
  ],
  { error: 'expected the key type: count, distinct, sum, mean, ratio or cohort_ratio' },
);

/** KPIs of one's own as they stand in a file. */
export const ownKpis = z
  .array(
    formula.transform((given): OwnKpi => {
      const { unit, ...kpi } = given.type === 'cohort_ratio' ? withHorizonMs(given) : { ...given };
      return { ...kpi, unit: unit ?? unitsOfOwn(kpi)[0] ?? 'number' };
    }),
    'expected a list of KPIs',
  )
  .superRefine((kpis, context) => {
    for (const { path, message } of problemsOf(kpis))
      context.addIssue({ code: 'custom', message, path: path.flatMap(keyOf) });
  });

function withHorizonMs<Given extends { readonly horizon: number }>({ horizon, ...rest }: Given) {
  return { ...rest, horizonMs: horizon };
}

/** What the key of a declaration is called in a file; the values of a filter have several names. */
function keyOf(step: string | number): (string | number)[] {
  if (step === 'values') return [];
  return [step === 'horizonMs' ? 'horizon' : step];
}

/** As it is written in a file, with nothing left out. */
export function documentOfOwn(own: OwnKpi): Readonly<Record<string, unknown>> {
  const { id, version, title, description, unit, dimensions, windows, ...rest } = own;
  return {
    id,
    version,
    title,
    description,
    ...documentOfFormula(rest),
    unit,
    dimensions: dimensions.map(({ name, field }) => ({ name, field })),
    windows: windows.map(formatDuration),
  };
}

function documentOfFormula(own: OwnFormula): Readonly<Record<string, unknown>> {
  const { type } = own;
  switch (type) {
    case 'mean':
      return { type, events: documentOfEvents(own.events), of: own.of };
    case 'ratio':
      return {
        type,
        numerator: documentOfSide(own.numerator),
        denominator: documentOfSide(own.denominator),
      };
    case 'cohort_ratio':
      return {
        type,
        entry: documentOfEvents(own.entry),
        converted: documentOfEvents(own.converted),
        per: own.per,
        horizon: formatDuration(own.horizonMs),
      };
    default:
      return documentOfSide(own);
  }
}

function documentOfSide(own: OwnSide): Readonly<Record<string, unknown>> {
  const { type } = own;
  return {
    type,
    events: documentOfEvents(own.events),
    ...(own.type !== 'count' && { of: own.of }),
  };
}

const WORDS = { in: 'in', not_in: 'not', greater: 'greater', less: 'less' } as const;

function documentOfEvents({ event, where }: OwnEvents): Readonly<Record<string, unknown>> {
  return {
    event,
    where: where.map(({ field, is, values }) => ({
      field,
      [WORDS[is]]: is === 'in' || is === 'not_in' ? [...values] : values[0],
    })),
  };
}
