import {
  createDeadLetterSink,
  createEventDecoder,
  createEventProducer,
  createKafka,
  DeadLetterBox,
  SchemaRegistry,
  topicsOf,
} from '@kpi/kafka';
import { type ServiceContext } from '@kpi/runtime';

import { type EventLog } from '../event-log.ts';
import { type IngestConfig } from '../options.ts';
import { createReceiver, type ReceiverOptions } from '../receive.ts';
import { createReplayer, keepsNoLetters } from './replay.ts';

export interface DeadLetterParts {
  readonly log: EventLog;
  /** How events are taken in from any source. */
  readonly receiving: Omit<ReceiverOptions, 'log'>;
}

/** The dead letters of an installation and the way back from them. Nothing is connected before the first question. */
export function openDeadLetters(
  config: IngestConfig,
  { log, clock }: ServiceContext,
  parts: DeadLetterParts,
) {
  const topics = topicsOf(config);
  const kafka = createKafka(config, log);
  const producer = createEventProducer({ kafka, log });
  const letters = createDeadLetterSink(producer, topics.deadLetters);
  const box = new DeadLetterBox({
    kafka,
    topic: topics.deadLetters,
    groupPrefix: config.KPI_TOPIC_PREFIX,
    log,
    clock,
  });
  const replayer = createReplayer({
    receiver: createReceiver({ ...parts.receiving, log: keepsNoLetters(parts.log) }),
    log: parts.log,
    letters,
    decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock }),
    topics,
    erased: parts.receiving.erased,
    clock,
  });
  return {
    box,
    letters,
    replayer,
    async close(): Promise<void> {
      await box.close();
      await producer.close();
    },
  };
}
