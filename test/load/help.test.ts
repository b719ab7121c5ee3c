import { expect, test } from 'vitest';

import { BENCHES } from './benches.ts';
import { helpOf } from './help.ts';

test('every bench and each of its options has a sentence', () => {
  const help = helpOf(BENCHES);
  for (const [name, { summary, options }] of Object.entries(BENCHES)) {
    expect(help).toContain(`${name}: ${summary}`);
    for (const option of options) {
      expect(option.description).not.toBe('');
      expect(help).toContain(`--${option.name}`);
      expect(help).toContain(option.description);
    }
  }
});

test('a wrong value starts nothing', () => {
  expect(BENCHES['ingest']?.prepare({ events: 'many' })).toBeUndefined();
  expect(BENCHES['ingest']?.prepare({ events: '100' })).toBeTypeOf('function');
});
