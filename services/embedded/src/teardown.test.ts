import { expect, test } from 'vitest';

import { createTeardown } from './teardown.ts';

function recording() {
  const seen: string[] = [];
  const teardown = createTeardown({
    onEnded: (name) => seen.push(`ended ${name}`),
    onFailed: (name, error) => seen.push(`failed ${name}: ${String(error)}`),
  });
  const add = (name: string): void =>
    teardown.add(name, async () => {
      seen.push(`ending ${name}`);
    });
  return { seen, teardown, add };
}

test('what was begun last ends first, and wholly before the next', async () => {
  const { seen, teardown, add } = recording();
  add('engines');
  add('services');
  await teardown.run();
  expect(seen).toEqual(['ending services', 'ended services', 'ending engines', 'ended engines']);
});

test('a part that fails to end does not keep the others', async () => {
  const { seen, teardown, add } = recording();
  add('engines');
  teardown.add('services', () => Promise.reject(new Error('stuck')));
  await teardown.run();
  expect(seen).toEqual(['failed services: Error: stuck', 'ending engines', 'ended engines']);
});

test('it runs once, and every caller waits for that', async () => {
  const { seen, teardown, add } = recording();
  add('engines');
  await Promise.all([teardown.run(), teardown.run()]);
  expect(seen).toEqual(['ending engines', 'ended engines']);
});
