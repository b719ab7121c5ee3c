import { Fault, type KpiEvent } from '@kpi/core';
import {
  createDeadLetterSink,
  createEventEncoder,
  createEventProducer,
  createKafka,
  type DeadLetter,
  ensureTopics,
  type EventEncoder,
  type KafkaClient,
  type OutgoingRecord,
  recordKeys,
  registerSchemas,
  SchemaRegistry,
  type Topics,
  topicsOf,
} from '@kpi/kafka';
import { type EngineConfig, type Logger } from '@kpi/runtime';

/** Kafka as ingest sees it: where accepted events and refused ones go. */
export interface EventLog {
  /**
   * Make sure of topics and schemas, once; every other call does so first. Throws `broker_unreachable` or
   * `registry_unreachable` when they are away, and a Fault that no retry helps when topics or schemas contradict ours.
   */
  contact(): Promise<void>;
  /** Records of each event, in order: two for a merge; a Fault for an event that its schema cannot hold. */
  encode(events: readonly KpiEvent[]): Promise<readonly (readonly OutgoingRecord[] | Fault)[]>;
  /** Resolves when all in-sync replicas have all of both. Throws `broker_unreachable`. */
  write(records: readonly OutgoingRecord[], refused: readonly DeadLetter[]): Promise<void>;
  /** Whether a broker answers now; throws `broker_unreachable` when none does. */
  probe(): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export function createEventLog(config: EngineConfig, log: Logger): EventLog {
  const kafka = createKafka(config, log);
  const topics = topicsOf(config);
  const registry = new SchemaRegistry(config);
  const producer = createEventProducer({ kafka, log });
  const deadLetters = createDeadLetterSink(producer, topics.deadLetters);
  const encoder = onceSucceeded(async () => {
    await ensureTopics(kafka, topics);
    return createEventEncoder(await registerSchemas(registry, topics));
  });
  return {
    async contact() {
      await encoder();
    },
    async encode(events) {
      const ready = await encoder();
      return events.map((event) => encodeEvent(event, ready, topics));
    },
    async write(records, refused) {
      await encoder();
      await Promise.all([producer.send(records), deadLetters.keep(refused)]);
    },
    probe: () => probe(kafka, topics),
    close: () => producer.close(),
  };
}

function encodeEvent(
  event: KpiEvent,
  encoder: EventEncoder,
  topics: Topics,
): readonly OutgoingRecord[] | Fault {
  try {
    const value = encoder.encode(event);
    const topic = topics.of(event.event_type);
    return recordKeys(event).map((key) => ({ topic, key, value }));
  } catch (error) {
    if (error instanceof Fault && !error.retryable) return error;
    throw error;
  }
}

/** Share one attempt among all callers and remember its success; after a failure the next caller tries again. */
function onceSucceeded<T>(attempt: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= attempt().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
}

async function probe(kafka: KafkaClient, topics: Topics): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [...topics.input] });
  } catch (cause) {
    throw new Fault('broker_unreachable', 'no broker answers', { cause });
  } finally {
    await admin.disconnect();
  }
}
