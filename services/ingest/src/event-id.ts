import { createHash } from 'node:crypto';

import { type Fields, isObject } from './json.ts';

/** What makes an event itself when its source gives it no id. Same values, same id: importing a file twice changes nothing. */
export interface NaturalKey {
  readonly source: string;
  readonly event_type: string;
  readonly occurred_at: number;
  readonly account_id: string | null;
  readonly user_id: string | null;
  readonly anonymous_id: string | null;
  readonly retracts: string | null;
  readonly properties: Fields;
}

/** An id made from the natural key alone; the order of fields in the JSON does not matter. */
export function deriveEventId(key: NaturalKey): string {
  const text = JSON.stringify(key, (_name, value: unknown) =>
    isObject(value) ? sorted(value) : value,
  );
  return `derived:${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}

function sorted(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
