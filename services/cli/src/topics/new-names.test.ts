import { ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { changedSettings } from './new-names.ts';

function config(environment: Readonly<Record<string, string>> = {}) {
  return readConfig(z.object(ENGINE_OPTIONS), environment);
}

test.each([
  ['', 'kpi', 'p16.', 'kpi_p16'],
  ['acme.', 'acme', 'acme.p16.', 'acme_p16'],
  ['acme.p8.', 'acme_p8', 'acme.p16.', 'acme_p16'],
])('prefix %j and database %s get the names %j and %s', (prefix, database, topics, tables) => {
  const before = config({ KPI_TOPIC_PREFIX: prefix, KPI_CLICKHOUSE_DATABASE: database });
  expect(changedSettings(before, { partitions: 16 })).toEqual({
    KPI_TOPIC_PREFIX: topics,
    KPI_PARTITIONS: '16',
    KPI_CLICKHOUSE_DATABASE: tables,
  });
});

test('names can be given, but not those that are in use', () => {
  const given = { partitions: 16, prefix: 'wide.', database: 'kpi_wide' };
  expect(changedSettings(config(), given)).toMatchObject({
    KPI_TOPIC_PREFIX: 'wide.',
    KPI_CLICKHOUSE_DATABASE: 'kpi_wide',
  });
  const inUse = { code: 'parameter_invalid' };
  for (const name of [{ prefix: '' }, { database: 'kpi' }])
    expect(() => changedSettings(config(), { ...given, ...name })).toThrow(
      expect.objectContaining(inUse),
    );
});

test('a database that cannot be one is refused', () => {
  expect(() => changedSettings(config(), { partitions: 16, database: 'a-b' })).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  );
});
