import { expect, test } from 'vitest';

import { loadLookup } from './lookup.ts';
import { type ByteSource, openRows } from './rows.ts';

function file(name: string, text: string): ByteSource {
  return {
    name,
    async *read() {
      yield Buffer.from(text);
    },
  };
}

async function values(source: ByteSource, names: readonly string[], options = {}) {
  const { rows } = await openRows(source, { empty: [], ...options });
  const found = await Array.fromAsync(rows);
  return found.map((row) =>
    'problem' in row ? row.problem : names.map((name) => row.row.get(name)),
  );
}

test('columns are found by the header, and empty fields are absent', async () => {
  const source = file('a.csv', 'id,score\n1,40\n2,\n3,?\n');
  expect(await values(source, ['score', 'id', 'other'], { empty: ['?'] })).toEqual([
    ['40', '1', undefined],
    [undefined, '2', undefined],
    [undefined, '3', undefined],
  ]);
});

test('a row with too few or too many fields is a problem of that row', async () => {
  expect(await values(file('a.csv', 'a,b\n1\n1,2,3\n1,2\n'), ['b'])).toEqual([
    'has 1 fields where the header has 2',
    'has 3 fields where the header has 2',
    ['2'],
  ]);
});

test('a file without a header takes its columns from the mapping', async () => {
  expect(await values(file('a.csv', '1,2\n'), ['y'], { columns: ['x', 'y'] })).toEqual([['2']]);
});

test('tab-separated files are known by their name', async () => {
  expect(await values(file('a.tsv', 'x\ty\n1\t2\n'), ['y'])).toEqual([['2']]);
});

test.each([
  ['a.csv', '', 'a.csv is empty: it has no header'],
  ['a.csv', 'id,id\n1,2\n', 'a.csv has two columns called "id"'],
  ['a.csv', '"id\n1,2\n', 'a.csv line 1 has a quote that is never closed'],
])('%s with %j cannot be read: %s', async (name, text, message) => {
  await expect(openRows(file(name, text), { empty: [] })).rejects.toThrow(message);
});

test('rows of NDJSON carry their own names, nested ones with dots', async () => {
  const text = '{"id":1,"user":{"plan":"pro"},"a.b":2,"none":null}\n\n{"id":true}\n';
  expect(await values(file('a.ndjson', text), ['id', 'user.plan', 'a.b', 'none'])).toEqual([
    [1, 'pro', 2, undefined],
    [true, undefined, undefined, undefined],
  ]);
});

test('lines that are no JSON objects are problems of those lines', async () => {
  const found = await values(file('a.jsonl', '[1]\nnope\n{"id":1}\n'), ['id']);
  expect(found[0]).toBe('is JSON but not an object');
  expect(found[1]).toMatch(/^is not JSON: /);
  expect(found[2]).toEqual([1]);
});

test('a list is not a value', async () => {
  await expect(values(file('a.ndjson', '{"tags":["x"]}'), ['tags'])).rejects.toThrow(
    'tags is a list or an object, not one value',
  );
});

const people = { file: 'people.csv', key: ['module', 'person'], empty: [] };

test('a lookup finds a row by its whole key, numbers and texts alike', async () => {
  const loaded = await loadLookup(file('people.csv', 'person,module,name\n7,A,Ann\n'), people);
  expect(loaded.find(['A', 7])?.get('name')).toBe('Ann');
  expect(loaded.find(['B', '7'])).toBeUndefined();
  expect(loaded.header).toEqual(['person', 'module', 'name']);
});

test.each([
  ['person,module\n7,A\n8,B\n7,A\n', 'people.csv line 4 has the key of line 2: ["A","7"]'],
  ['person,module\n7\n', 'people.csv line 2 has 1 fields where the header has 2'],
  ['person,module\n7,\n', 'people.csv line 2 has no module'],
])('a lookup that cannot answer every key rightly is refused: %j', async (text, message) => {
  await expect(loadLookup(file('people.csv', text), people)).rejects.toThrow(message);
});
