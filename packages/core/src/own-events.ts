import { type EventType } from './event-types.gen.ts';
import { type KpiEvent } from './events.gen.ts';
import { type Dimensions, NO_VALUE } from './kpi.ts';
import {
  ACCOUNT_PLAN,
  ATTRIBUTE,
  OWN_VALUE_CHARACTERS_MAX,
  type OwnEvents,
  type OwnFilter,
  type OwnKpi,
  type OwnMeasure,
} from './own-kpi.ts';

/** Texts of the fields that an event states, by name. */
export type OwnFields = Readonly<Record<string, string>>;

/** An event that some KPI of a tenant's own reads, as it counts in its home. */
export interface OwnEvent {
  readonly type: EventType;
  readonly at: number;
  /** Empty where it names none. */
  readonly user: string;
  readonly fields: OwnFields;
  /** Of its account at the event. */
  readonly plan: string;
}

/** The fields of those names that an event states. */
export function fieldsOf(event: KpiEvent, names: readonly string[]): OwnFields {
  const fields: Record<string, string> = {};
  for (const name of names) {
    const value = valueOf(event, name);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function valueOf(event: KpiEvent, name: string): string | undefined {
  if (name.startsWith(ATTRIBUTE)) {
    const attribute = name.slice(ATTRIBUTE.length);
    return Object.hasOwn(event.attributes, attribute) ? event.attributes[attribute] : undefined;
  }
  const value: unknown = Object.hasOwn(event, name) ? Reflect.get(event, name) : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Whether an event is among those meant. */
export function isAmongEvents(
  { event, where }: OwnEvents,
  { type, fields }: Pick<OwnEvent, 'type' | 'fields'>,
): boolean {
  return type === event && where.every((filter) => holds(filter, fields[filter.field]));
}

export function holds({ is, values }: OwnFilter, text: string | undefined): boolean {
  switch (is) {
    case 'in':
      return values.some((value) => String(value) === text);
    case 'not_in':
      return !values.some((value) => String(value) === text);
    case 'greater':
    case 'less': {
      const value = wholeOf(text);
      const limit = Number(values[0]);
      return value !== undefined && (is === 'greater' ? value > limit : value < limit);
    }
  }
}

const WHOLE = /^-?\d{1,15}$/;

/** A whole number from text; undefined when it is none, or longer than is exact. */
function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && WHOLE.test(text) ? Number(text) : undefined;
}

/** What an event adds to a measure; undefined when it does not count in it. */
export function addedBy(measure: OwnMeasure, event: OwnEvent): number | undefined {
  if (!isAmongEvents(measure.events, event)) return undefined;
  const { adds, field, limit } = measure;
  if (field === undefined) return 1;
  const value = wholeOf(event.fields[field]);
  if (value === undefined) return undefined;
  const isBeyond = Math.abs(value) > limit;
  if (isBeyond !== (adds === 'beyond')) return undefined;
  switch (adds) {
    case 'one':
    case 'beyond':
      return 1;
    case 'value':
      return value;
    case 'square':
      return value * value;
  }
}

/** The dimensions of a KPI that an event counts in. */
export function dimensionsOf({ dimensions }: OwnKpi, event: OwnEvent): Dimensions {
  return Object.fromEntries(
    dimensions.map(({ name, field }) => [
      name,
      field === ACCOUNT_PLAN ? event.plan : dimensionValue(event.fields[field]),
    ]),
  );
}

// oxlint-disable-next-line no-control-regex -- control characters separate the parts of a series' name
const CONTROL = /[\u0000-\u001f]/g;

/** A text as the value of a dimension: without control characters, and not too long. */
function dimensionValue(text = ''): string {
  const clean = text.replaceAll(CONTROL, ' ');
  const cut =
    clean.length > OWN_VALUE_CHARACTERS_MAX
      ? Array.from(clean).slice(0, OWN_VALUE_CHARACTERS_MAX).join('')
      : clean;
  return cut === '' ? NO_VALUE : cut;
}
