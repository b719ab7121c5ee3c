import { expect, test } from 'vitest';

import { questionsOf } from './questions.ts';

test('every variant and window is asked for, alone, by each dimension, and by filters', () => {
  const catalogue = [
    {
      variants: [{ id: 'a' }, { id: 'a.net' }],
      windows: [{ window: '7d' }, { window: '28d' }],
      dimensions: ['plan', 'region'],
      served_from: 'live' as const,
    },
  ];
  const questions = questionsOf(catalogue);
  expect(questions).toHaveLength(2 * 2 * (1 + 2 + 1));
  expect(questions).toContainEqual({ kind: 'value', path: '/v1/kpis/a.net?window=7d' });
  expect(questions).toContainEqual({ kind: 'by', path: '/v1/kpis/a?window=28d&by=region' });
  expect(questions).toContainEqual({
    kind: 'filter',
    path: '/v1/kpis/a?window=28d&filter=plan:pro',
  });
});
