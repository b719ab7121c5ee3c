import {
  ACCOUNT_PLAN,
  ATTRIBUTE,
  EVENT_FIELDS,
  type OwnKpi,
  type OwnMeasure,
  eventsRead,
  fieldsRead,
  ownMeasures,
} from '@kpi/core';

import { textOverUnits } from './sql-text.ts';

/** A statement and its parameters, beside those that every question has. */
export interface OwnStatement {
  readonly text: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Place of what is no field: it is stated nowhere. */
const NOWHERE = 1;
/** Before the first event. */
const EVER_MS = -9_000_000_000_000_000;

/**
 * What answers a question about a KPI of one's own from the events. All that a declaration says becomes parameters, but for the
 * names of columns.
 */
export function statementOfOwn(
  own: OwnKpi,
  asked: { readonly database: string; readonly asOf: readonly number[]; readonly windowMs: number },
): OwnStatement {
  const { database, asOf, windowMs } = asked;
  const fields = fieldsRead(own);
  const placeOf = (field: string | undefined): number =>
    field === undefined ? NOWHERE : NOWHERE + 1 + fields.indexOf(field);
  const isCohort = own.type === 'cohort_ratio';
  const sets = isCohort ? eventsRead(own) : ownMeasures(own).map(({ events }) => events);
  const filters = sets.flatMap(({ where }, index) =>
    where.map((filter) => ({ ...filter, measure: index + 1 })),
  );
  const text = textOverUnits(isCohort ? 'own/cohort.sql' : 'own/sums.sql', database, 'units');
  return {
    text: text.replaceAll('{{fields}}', fieldTexts(fields)),
    parameters: {
      event_types: [...new Set(sets.map(({ event }) => event))],
      earliest: isCohort ? EVER_MS : Math.min(...asOf) - windowMs,
      field_names: fields.map(attributeOf),
      dimension_names: own.dimensions.map(({ name }) => name),
      dimension_fields: own.dimensions.map(({ field }) =>
        placeOf(field === ACCOUNT_PLAN ? undefined : field),
      ),
      measure_types: sets.map(({ event }) => event),
      filter_measures: filters.map(({ measure }) => measure),
      filter_fields: filters.map(({ field }) => placeOf(field)),
      filter_kinds: filters.map(({ is }) => is),
      filter_values: filters.map(({ values }) => values.map(String)),
      ...(isCohort
        ? { horizon_of_own: own.horizonMs, per_entity: own.per }
        : measureParameters(ownMeasures(own), placeOf)),
    },
  };
}

function measureParameters(
  measures: readonly OwnMeasure[],
  placeOf: (field: string | undefined) => number,
): Readonly<Record<string, unknown>> {
  return {
    measure_names: measures.map(({ name }) => name),
    measure_entities: measures.map(({ per }) => per ?? ''),
    measure_adds: measures.map(({ adds }) => adds),
    measure_fields: measures.map(({ field }) => placeOf(field)),
    measure_limits: measures.map(({ limit }) => limit),
    measure_money: measures.map(({ isMoney }) => Number(isMoney)),
    currency_field: placeOf(measures.some(({ isMoney }) => isMoney) ? 'currency' : undefined),
  };
}

/** The one place where a declaration decides text of a statement: columns of the vocabulary, and places of parameters. */
function fieldTexts(fields: readonly string[]): string {
  return `[${['NULL', ...fields.map((field, index) => fieldText(field, index + 1))].join(', ')}]`;
}

function fieldText(field: string, place: number): string {
  if (field.startsWith(ATTRIBUTE)) {
    const name = `{field_names:Array(String)}[${place}]`;
    return `if(mapContains(attributes, ${name}), CAST(attributes[${name}], 'Nullable(String)'), NULL)`;
  }
  if (!COLUMNS.has(field)) throw new RangeError(`${field} is no field of any event`);
  return `CAST(toString(\`${field}\`), 'Nullable(String)')`;
}

const COLUMNS: ReadonlySet<string> = new Set([
  'source',
  ...Object.values(EVENT_FIELDS).flatMap((fields) => Object.keys(fields)),
]);

/** Name of an attribute; a column needs none. */
function attributeOf(field: string): string {
  return field.startsWith(ATTRIBUTE) ? field.slice(ATTRIBUTE.length) : '';
}
