import { EVENT_TYPES } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { parseAvro } from './event-schemas.ts';
import { registerSchemas, registerVersions, subjectOf } from './register-schemas.ts';
import { SchemaRegistry } from './registry.ts';
import { EVENT_SCHEMAS } from './schemas.gen.ts';
import { testInstallation } from './test-installation.ts';

const { config, topics } = testInstallation(1);
const registry = new SchemaRegistry(config);

describe('the schema registry', () => {
  test('knows every event type after a start, also when two processes start at once', async () => {
    const [first, second] = await Promise.all([
      registerSchemas(registry, topics),
      registerSchemas(registry, topics),
    ]);
    expect(first).toEqual(second);
    expect([...first.keys()].toSorted()).toEqual([...EVENT_TYPES]);
    const id = first.get('lms.course_completed') ?? 0;
    const text = await registry.schema(id);
    const [published = ''] = EVENT_SCHEMAS['lms.course_completed'];
    // The fingerprint covers names, types and order: all that decides the bytes.
    expect(parseAvro(text ?? '').fingerprint()).toEqual(parseAvro(published).fingerprint());
  });

  test('refuses a version that cannot read what the one before wrote', async () => {
    const subject = `${subjectOf(topics, 'lms.course_completed')}-edited`;
    const [schema = ''] = EVENT_SCHEMAS['lms.course_completed'];
    await registerVersions(registry, subject, [schema]);
    const edited = schema.replace('"fields":[', '"fields":[{"name":"room","type":"string"},');
    await expect(registerVersions(registry, subject, [schema, edited])).rejects.toMatchObject({
      code: 'schema_incompatible',
    });
  });

  test('takes a version that adds an optional field', async () => {
    const subject = `${subjectOf(topics, 'lms.course_completed')}-extended`;
    const [schema = ''] = EVENT_SCHEMAS['lms.course_completed'];
    const extended = schema.replace(
      '"fields":[',
      '"fields":[{"name":"room","type":["null","string"],"default":null},',
    );
    const first = await registerVersions(registry, subject, [schema]);
    expect(await registerVersions(registry, subject, [schema, extended])).not.toBe(first);
    expect(await registerVersions(registry, subject, [schema])).toBe(first);
  });

  test('says that it does not know an id', async () => {
    expect(await registry.schema(2_000_000_000)).toBeUndefined();
  });

  test('that is away is an outage and not an answer', async () => {
    const away = new SchemaRegistry({ ...config, KPI_REGISTRY_URL: 'http://127.0.0.1:1' });
    await expect(away.schema(1)).rejects.toMatchObject({
      code: 'registry_unreachable',
      retryable: true,
    });
  });
});
