/** Why an event was refused, by fault code, for people. */
const REASONS: Readonly<Record<string, string>> = {
  account_missing: 'It names no account and no user',
  avro_invalid: 'Its Avro cannot be read',
  event_invalid: 'A field is missing or has the wrong form',
  event_type_unknown: 'There is no such type of event',
  occurred_in_future: 'It lies in the future',
  partition_mismatch: 'It lies in the wrong partition',
  schema_unknown: 'Its schema is not registered',
  subject_missing: 'It names nobody it is about',
  topic_mismatch: 'It lies in the wrong topic',
};

/** A fault code in plain words. */
export function reasonText(code: string): string {
  return REASONS[code] ?? code.replaceAll('_', ' ');
}
