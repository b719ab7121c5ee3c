import { describe, expect, test } from 'vitest';

import { readStatement } from './statement.ts';

const read = (sql: string) => readStatement(sql, 'TabSeparated');

describe('an INSERT whose rows follow', () => {
  test('is cut before its settings, its format and its data', () => {
    const sql = `INSERT INTO d.t (a, "format") SETTINGS insert_deduplication_token='x' FORMAT JSONEachRow {"a":";"}`;
    expect(read(sql)).toEqual({
      kind: 'insert',
      into: 'INSERT INTO d.t (a, "format") ',
      settings: `SETTINGS insert_deduplication_token='x' `,
      format: 'JSONEachRow',
      dataStart: sql.indexOf(' {"a"'),
    });
  });

  test('may have VALUES for a format', () => {
    expect(read('insert into t values (1);')).toMatchObject({
      into: 'insert into t ',
      settings: '',
      format: 'Values',
    });
  });

  test('may hold semicolons and quotes that never close in its data', () => {
    expect(read(`INSERT INTO t FORMAT TSV\nit's; DROP TABLE t`)).toMatchObject({ format: 'TSV' });
  });
});

test.each([
  'INSERT INTO t SELECT 1 FORMAT',
  'INSERT INTO t (SELECT a FROM b)',
  'INSERT INTO t (a) WITH x AS (SELECT 1) SELECT * FROM x',
  'CREATE TABLE t (a Int64) ENGINE = Memory',
])('%s answers no rows and takes none', (text) => {
  expect(read(text)).toEqual({ kind: 'other', text });
});

describe('a query', () => {
  test.each(['SELECT 1', 'with 1 as x select x', '(SELECT 1) UNION ALL (SELECT 2)', 'SHOW TABLES'])(
    '%s gets the default format',
    (query) => {
      expect(read(query)).toEqual({ kind: 'output', query, format: 'TabSeparated', settings: '' });
    },
  );

  test('names its own format, before or after settings', () => {
    expect(read('SELECT 1 SETTINGS max_threads=1 FORMAT JSON')).toMatchObject({
      query: 'SELECT 1 SETTINGS max_threads=1 ',
      format: 'JSON',
      settings: '',
    });
    expect(read('SELECT 1 FORMAT CSV SETTINGS max_threads=1;')).toMatchObject({
      query: 'SELECT 1 ',
      format: 'CSV',
      settings: ' SETTINGS max_threads=1',
    });
  });

  test.each([
    `SELECT format('{}', 1)`,
    'SELECT 1 AS format',
    'SELECT 1 AS format SETTINGS max_threads = 1',
    `SELECT 'FORMAT JSON'`,
    'SELECT (SELECT 1 FORMAT JSON)',
    'SELECT 1 -- FORMAT JSON',
  ])('does not name one in %s', (query) => {
    expect(read(query)).toMatchObject({ format: 'TabSeparated' });
  });

  test('keeps semicolons inside strings, names, comments and heredocs', () => {
    const query = "SELECT ';', 'it''s;', 'a\\';', `;`, \";\", $x$;$x$ /* ; */";
    expect(read(query)).toMatchObject({ kind: 'output' });
  });

  test('loses a comment behind it, which would hide what is appended', () => {
    expect(read('SELECT 1; -- done')).toMatchObject({ query: 'SELECT 1' });
  });
});

test.each([
  ['', 'Code: 62'],
  ['-- nothing', 'Code: 62'],
  ['SELECT 1; DROP TABLE t', 'Code: 62'],
  ["SELECT 1 INTO OUTFILE '/etc/passwd'", 'Code: 48'],
  ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT TSV", 'Code: 48'],
])('%j is refused with %s', (sql, code) => {
  expect(() => read(sql)).toThrow(code);
});
