import { afterAll, describe, expect, test } from 'vitest';

import { withAdmin } from './admin.ts';
import { ensureTopics } from './ensure-topics.ts';
import { testInstallation, type TestInstallation } from './test-installation.ts';

const installations: TestInstallation[] = [];

function installation(): TestInstallation {
  const made = testInstallation(2);
  installations.push(made);
  return made;
}

afterAll(async () => {
  for (const made of installations) await made.remove();
});

describe('topics', () => {
  test('are created as declared, also by two processes at once, and found so afterwards', async () => {
    const { kafka, topics } = installation();
    await Promise.all([ensureTopics(kafka, topics), ensureTopics(kafka, topics)]);
    await ensureTopics(kafka, topics);
    const names = await withAdmin(kafka, (admin) => admin.listTopics());
    expect(names).toEqual(expect.arrayContaining(topics.declarations.map(({ name }) => name)));
  });

  test('with another number of partitions stop the start', async () => {
    const { kafka, topics } = installation();
    await withAdmin(kafka, (admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic: topics.of('lms.course_completed'), numPartitions: 3 }],
      }),
    );
    await expect(ensureTopics(kafka, topics)).rejects.toMatchObject({
      code: 'partition_mismatch',
      detail: `partitions of topic ${topics.of('lms.course_completed')}: 2 expected, 3 found`,
    });
  });

  test('that would be deleted earlier stop the start', async () => {
    const { kafka, topics } = installation();
    await withAdmin(kafka, (admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic: topics.facts,
            numPartitions: 2,
            configEntries: [{ name: 'retention.ms', value: '1000' }],
          },
        ],
      }),
    );
    await expect(ensureTopics(kafka, topics)).rejects.toMatchObject({
      code: 'topic_mismatch',
      detail: `retention.ms of topic ${topics.facts}: 604800000 expected, 1000 found`,
    });
  });
});
