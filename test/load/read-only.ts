/**
 * The baseline, as a process of its own: kafkajs reads the input topics of an installation from their start and does nothing
 * with them. Told by the environment where they are and by its argument how many records to read; prints a {@link Reading}.
 */
import { createKafka, topicsOf } from '@kpi/kafka';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { z } from 'zod';

import { type Reading } from './baseline.ts';

/** As the services ask for it, so that both wait alike. */
const FETCH_WAIT_MS = 250;

const wanted = Number(process.argv[2]);
const config = readConfig(z.object(ENGINE_OPTIONS), process.env);
const kafka = createKafka(config, createLog({ name: 'read-only', level: 'silent' }));
const consumer = kafka.consumer({
  groupId: `${config.KPI_TOPIC_PREFIX}read-only`,
  maxWaitTimeInMs: FETCH_WAIT_MS,
  allowAutoTopicCreation: false,
});
const complete = Promise.withResolvers<void>();
let records = 0;
let begun = { at: 0, cpu: process.cpuUsage() };

consumer.on(consumer.events.GROUP_JOIN, () => {
  begun = { at: performance.now(), cpu: process.cpuUsage() };
});
await consumer.connect();
await consumer.subscribe({ topics: [...topicsOf(config).input], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: ({ batch }) => {
    records += batch.messages.length;
    if (records >= wanted) complete.resolve();
    return Promise.resolve();
  },
});
await complete.promise;

const cpu = process.cpuUsage(begun.cpu);
const reading: Reading = {
  records,
  seconds: (performance.now() - begun.at) / 1_000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
};
console.log(JSON.stringify(reading));
await consumer.disconnect();
