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

describe('a change of a schema', () => {
  const current = avroTypeOf('lms.course_completed');
  const changed = (field: string) =>
    parseAvro(
      (EVENT_SCHEMAS['lms.course_completed'].at(-1) ?? '').replace(
        '"fields":[',
        `"fields":[${field},`,
      ),
    );

  test('that adds an optional field is compatible', () => {
    const next = changed('{"name":"room","type":["null","string"],"default":null}');
    expect(incompatibility(next, current)).toBeUndefined();
  });

  test('that adds a required field is not', () => {
    expect(incompatibility(changed('{"name":"room","type":"string"}'), current)).toContain('room');
  });
});
