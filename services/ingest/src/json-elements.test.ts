import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { elementTexts } from './json-elements.ts';

test('elements keep digits, spaces and repeated fields as they were sent', () => {
  const texts = elementTexts(' [ {"a": 12345678901234567890, "a":1} , [1, [2]], "x,]\\"" , null ]');
  expect(texts).toEqual(['{"a": 12345678901234567890, "a":1}', '[1, [2]]', '"x,]\\""', 'null']);
});

test('an empty list has no elements', () => {
  expect(elementTexts('[ ]')).toEqual([]);
});

test('the texts of any list parse to its elements', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.nat({ max: 3 }), (list, indent) => {
      const texts = elementTexts(JSON.stringify(list, null, indent));
      expect(texts.map((text): unknown => JSON.parse(text))).toEqual(
        JSON.parse(JSON.stringify(list)),
      );
    }),
  );
});
