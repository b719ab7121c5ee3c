import { expect, test } from 'vitest';

import { hotFunctions } from './hot-functions.ts';

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 });

test('self time is summed per function, and idle time is nobody’s', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('merge', 'file:///home/x/packages/core/src/home.ts') },
      { id: 2, callFrame: frame('(idle)', '') },
      { id: 3, callFrame: frame('merge', 'file:///home/x/packages/core/src/home.ts') },
      { id: 4, callFrame: frame('', 'file:///home/x/node_modules/kafkajs/src/a.js') },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [1_000, 9_000, 2_000, 1_000],
  };
  expect(hotFunctions(profile, 5)).toEqual([
    { name: 'merge', place: 'packages/core/src/home.ts:10', selfMs: 3, share: 0.75 },
    { name: '(anonymous)', place: 'kafkajs/src/a.js:10', selfMs: 1, share: 0.25 },
  ]);
  expect(hotFunctions(profile, 1)).toHaveLength(1);
});
