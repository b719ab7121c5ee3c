import { days } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import {
  accountCreated,
  completed,
  enrolled,
  lessonCompleted,
  subscribed,
  unenrolled,
} from './test-events.ts';
import { testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

const MS = 1 / days(1);

describe('course_completion_rate', () => {
  const kpiId = 'course_completion_rate';
  const course_id = 'c1';

  test('counts the worked example of KPI_SPEC 2.1', async () => {
    await it.insert(
      enrolled(1, { user_id: 'u1', course_id }),
      enrolled(9, { user_id: 'u1', course_id }),
      completed(19, { user_id: 'u1', course_id }),
      enrolled(2, { user_id: 'u2', course_id }),
      completed(42, { user_id: 'u2', course_id }),
      enrolled(3, { user_id: 'u3', course_id }),
      unenrolled(5, { user_id: 'u3', course_id }),
      enrolled(4, { user_id: 'u4', course_id }),
      enrolled(6, { user_id: 'u5', course_id }),
      completed(11, { user_id: 'u5', course_id }),
      enrolled(45, { user_id: 'u6', course_id }),
    );
    expect(await it.read({ kpiId, asOf: 56 })).toEqual({
      '': { enrolled: 4n, completed: 2n, completed_to_date: 3n, immature: 1n, withdrawn: 1n },
    });
  });

  test('takes an entry into the cohort from entry + H + 1 ms, for W', async () => {
    await it.insert(enrolled(1, { user_id: 'u1', course_id }));
    const at = async (asOf: number) => (await it.read({ kpiId, asOf }))['']?.['enrolled'];
    expect(await at(29)).toBe(0n);
    expect(await at(29 + MS)).toBe(1n);
    expect(await at(57)).toBe(1n);
    expect(await at(57 + MS)).toBeUndefined();
  });

  test('imputes the entry from the first activity, and gives completions the latest version before them', async () => {
    await it.insert(
      lessonCompleted(3, { user_id: 'u1', course_id }),
      completed(4, { user_id: 'u1', course_id }),
      enrolled(2, { user_id: 'u2', course_id, course_version: '1' }),
      enrolled(5, { user_id: 'u2', course_id, course_version: '2' }),
      completed(6, { user_id: 'u2', course_id }),
    );
    expect(await it.read({ kpiId, asOf: 56 })).toMatchObject({
      '': { enrolled: 3n, completed: 2n, completed_to_date: 2n },
    });
  });

  test('gives activity that states no version to the version enrolled at or before it', async () => {
    await it.insert(
      enrolled(2, { user_id: 'u1', course_id, course_version: '2' }),
      lessonCompleted(3, { user_id: 'u1', course_id }),
    );
    expect(await it.read({ kpiId, asOf: 56 })).toMatchObject({ '': { enrolled: 1n } });
  });

  test('withdraws for a refund at any time, and brings back who enrols again', async () => {
    await it.insert(
      enrolled(1, { user_id: 'u1', course_id }),
      unenrolled(20, { user_id: 'u1', course_id, reason: 'refund_requested' }),
      enrolled(1, { user_id: 'u2', course_id }),
      unenrolled(2, { user_id: 'u2', course_id }),
      enrolled(30, { user_id: 'u2', course_id }),
      enrolled(1, { user_id: 'u3', course_id }),
      unenrolled(4, { user_id: 'u3', course_id }),
    );
    expect(await it.read({ kpiId, asOf: 40 })).toMatchObject({
      '': { enrolled: 2n, withdrawn: 1n },
    });
    // Before the second enrolment nobody knows of it.
    expect(await it.read({ kpiId, asOf: 30 })).toMatchObject({
      '': { enrolled: 1n, withdrawn: 2n },
    });
  });

  test('replaces an enrolment whose id is sent again, from then on', async () => {
    await it.insert(
      enrolled(1, { user_id: 'u1', course_id, enrolment_id: 'x' }),
      enrolled(33, { user_id: 'u1', course_id, enrolment_id: 'x', course_version: '2' }),
    );
    expect(await it.read({ kpiId, asOf: 33 })).toMatchObject({
      '': { enrolled: 1n, immature: 0n },
    });
    expect(await it.read({ kpiId, asOf: 34 })).toMatchObject({
      '': { enrolled: 0n, immature: 1n },
    });
  });

  test('keeps apart the enrolments of two sources that use the same event id', async () => {
    await it.insert(
      enrolled(1, { user_id: 'u1', course_id, event_id: 'same', source: 'a', enrolment_id: 'x' }),
      enrolled(20, { user_id: 'u1', course_id, event_id: 'same', source: 'b', enrolment_id: 'x' }),
      enrolled(21, { user_id: 'u1', course_id, source: 'b', enrolment_id: 'x' }),
    );
    // The second source corrected its own enrolment; the first one still began the run on day 1.
    expect(await it.read({ kpiId, asOf: 30 })).toMatchObject({
      '': { enrolled: 1n, immature: 0n },
    });
  });

  test('splits by course, plan and customer state at entry, without internal accounts', async () => {
    await it.insert(
      accountCreated(0, { account_id: 'own', is_internal: true }),
      subscribed(2, { account_id: 'a1', subscription_id: 's1', plan_id: 'basic' }),
      enrolled(1, { user_id: 'u1', account_id: 'a1', course_id }),
      enrolled(2, { user_id: 'u2', account_id: 'a1', course_id }),
      enrolled(3, { user_id: 'u3', account_id: 'own', course_id }),
    );
    const counts = await it.read({ kpiId, asOf: 50, by: ['course', 'plan', 'is_customer'] });
    expect(Object.keys(counts)).toEqual(['c1|(none)|false', 'c1|basic|true']);
    const filtered = await it.read({
      kpiId,
      asOf: 50,
      filter: { plan: ['basic'], course: ['c1'] },
    });
    expect(filtered).toMatchObject({ '': { enrolled: 1n } });
  });
});
