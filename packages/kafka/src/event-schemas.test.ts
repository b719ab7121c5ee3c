import { EVENT_TYPES, SCHEMA_VERSIONS } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { avroTypeOf, incompatibility, parseAvro } from './event-schemas.ts';
import { EVENT_SCHEMAS } from './schemas.gen.ts';

describe('every event type', () => {
  test.each(EVENT_TYPES)('%s: each version reads what the one before wrote', (eventType) => {
    const versions = EVENT_SCHEMAS[eventType].map(parseAvro);
    expect(versions).toHaveLength(SCHEMA_VERSIONS[eventType]);
    for (const [index, writer] of versions.slice(0, -1).entries()) {
      const reader = versions[index + 1] ?? writer;
      expect(incompatibility(reader, writer)).toBeUndefined();
    }
  });
});

/** The current schema of a completion with one more field. */
function withField(field: string) {
  const [current = ''] = EVENT_SCHEMAS['lms.course_completed'].slice(-1);
  return parseAvro(current.replace('"fields":[', `"fields":[${field},`));
}

describe('a change of a schema', () => {
  const current = avroTypeOf('lms.course_completed');
  test('that adds an optional field is compatible', () => {
    const next = withField('{"name":"room","type":["null","string"],"default":null}');
    expect(incompatibility(next, current)).toBeUndefined();
  });

  test('that adds a required field is not', () => {
    expect(incompatibility(withField('{"name":"room","type":"string"}'), current)).toContain(
      'room',
    );
  });
});
