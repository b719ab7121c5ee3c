import { expect, test } from 'vitest';

import { isLocalName } from './local-name.ts';

test.each([
  'localhost',
  'localhost:8080',
  'LOCALHOST',
  '127.0.0.1:18080',
  '127.8.9.10',
  '[::1]:8080',
])('%s names this machine', (host) => {
  expect(isLocalName(host)).toBe(true);
});

test.each([
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '10.0.0.1',
  ':8080',
  '',
  undefined,
])('%s names another', (host) => {
  expect(isLocalName(host)).toBe(false);
});
