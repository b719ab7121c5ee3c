import { Fault } from '@kpi/core';
import { AssignerProtocol, type Cluster, type PartitionAssigner } from 'kafkajs';
import { z } from 'zod';

import { assignPartitions } from './assignment.ts';

const NAME = 'kpi-co-partitioned';
const VERSION = 1;
const OWNED = z.array(z.int().min(0));

/**
 * Gives partition p of every topic to the same member, so that one task sees everything about an account. `owned` tells the
 * partitions this member has at the moment; every member says so when it joins.
 */
export function coPartitionAssigner(owned: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(owned())),
      }),
    }),
    assign: ({ members, topics }) => {
      const known = members.map(({ memberId, memberMetadata }) => ({
        id: memberId,
        owned: parseOwned(memberMetadata),
      }));
      const shares = assignPartitions(known, commonCount(cluster, topics));
      return Promise.resolve(
        [...shares].map(([memberId, partitions]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: Object.fromEntries(topics.map((topic) => [topic, [...partitions]])),
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

function parseOwned(metadata: Buffer): readonly number[] {
  const userData = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  return userData === undefined ? [] : OWNED.parse(JSON.parse(userData.toString()));
}

function commonCount(
  cluster: Pick<Cluster, 'findTopicPartitionMetadata'>,
  topics: readonly string[],
): number {
  const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
  const [count = 0] = counts;
  if (counts.some((other) => other !== count)) {
    const found = topics.map((topic, index) => `${topic}: ${counts[index]}`).join(', ');
    throw new Fault(
      'partition_mismatch',
      `topics read together need one partition count; ${found}`,
    );
  }
  return count;
}
