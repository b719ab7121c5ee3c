import { Fault } from '@kpi/core';
import { type Admin } from 'kafkajs';

import { type KafkaClient } from './connection.ts';

/** Run `work` with an admin connection and close it. What Kafka refuses or cannot answer becomes a Fault `broker_unreachable`. */
export async function withAdmin<T>(
  kafka: KafkaClient,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw asFault(error);
  } finally {
    await admin.disconnect();
  }
}

/** A Fault stays itself; anything else that a Kafka client throws means that the brokers did not do what was asked. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new Fault('broker_unreachable', said, { cause: error });
}
