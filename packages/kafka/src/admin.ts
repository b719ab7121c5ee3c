import { Fault } from '@kpi/core';
import kafkajs, { type Admin } from 'kafkajs';

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

/** The brokers did not do what was asked: a Fault. Anything else is passed on as it is. */
export function asFault(error: unknown): unknown {
  if (!(error instanceof kafkajs.KafkaJSError)) return error;
  return new Fault('broker_unreachable', error.message, { cause: error });
}
