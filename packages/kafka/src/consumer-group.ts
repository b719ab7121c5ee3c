import { withAdmin } from './admin.ts';
import { type KafkaClient } from './connection.ts';

/** Remove a consumer group that has no members left, with the positions it reported. */
export async function deleteGroup(kafka: KafkaClient, groupId: string): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteGroups([groupId]));
}
