import { expect, test } from 'vitest';

import { fill, parseTemplate, templateNames } from './template.ts';

const row = new Map<string, string | number | boolean>([
  ['module', 'AAA'],
  ['year', 2013],
  ['courses.length', '268'],
]);

test('names in braces are replaced by their values', () => {
  expect(fill(parseTemplate('{module}-{year}J'), row)).toBe('AAA-2013J');
  expect(fill(parseTemplate('{ courses.length } days'), row)).toBe('268 days');
});

test('a template that is one name keeps the type of the value', () => {
  expect(fill(parseTemplate('{year}'), row)).toBe(2013);
});

test('a template with an absent name is absent', () => {
  expect(fill(parseTemplate('{module}:{student}'), row)).toBeUndefined();
});

test('doubled braces are braces', () => {
  expect(fill(parseTemplate('{{{module}}} and {{}}'), row)).toBe('{AAA} and {}');
});

test('an empty text is a text', () => {
  expect(fill(parseTemplate(''), row)).toBe('');
});

test.each([
  ['{module', 'a single { in a template is written {{'],
  ['module}', 'a single } in a template is written }}'],
  ['{}', 'the braces {} name no column'],
  ['{ }', 'the braces {} name no column'],
])('%s is refused', (source, message) => {
  expect(() => parseTemplate(source)).toThrow(message);
});

test('the names of a template are known before any row', () => {
  expect(templateNames(parseTemplate('{a}-{b.c}{{d}}'))).toEqual(['a', 'b.c']);
});
