import { expect, test } from 'vitest';

import { createReporter } from './reporter.ts';

function recording(isTTY: boolean) {
  const written: string[] = [];
  const reporter = createReporter({ isTTY, write: (text) => written.push(text) });
  return { reporter, text: () => written.join('') };
}

test('on a terminal a status is replaced by what follows', () => {
  const { reporter, text } = recording(true);
  reporter.status('10 %');
  reporter.status('20 %');
  reporter.done('loaded');
  expect(text()).toBe('\r\u001B[2K  · 10 %\r\u001B[2K  · 20 %\r\u001B[2K  ✓ loaded\n');
});

test('in a file only lines that stay are written', () => {
  const { reporter, text } = recording(false);
  reporter.status('10 %');
  reporter.done('loaded');
  expect(text()).toBe('  ✓ loaded\n');
});

test('a box is as wide as its longest line', () => {
  const { reporter, text } = recording(false);
  reporter.box(['http://127.0.0.1:8080', 'short']);
  const widths = text()
    .trim()
    .split('\n')
    .map(({ length }) => length);
  expect(widths.slice(1).every((width) => width === 29)).toBe(true);
});
