/**
 * Follows kpi.values.v1 and keeps the latest value of everything: a whole consumer, to be copied. It needs kafkajs alone.
 *   node follow-values.ts --brokers HOST:PORT[,…] --group NAME [--topic kpi.values.v1] [--tenant T] [--kpi ID]
 * Each change is one line of JSON on standard output. Ctrl-C ends it; the next run of the same group goes on from there.
 */
import { parseArgs } from 'node:util';

import { Kafka, logLevel } from 'kafkajs';

const { values: flags } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    group: { type: 'string', default: 'follow-values' },
    topic: { type: 'string', default: 'kpi.values.v1' },
    tenant: { type: 'string' },
    kpi: { type: 'string' },
  },
});

/** Between the parts of a key. */
const SEPARATOR = '\u001f';

/** What this consumer needs of a value; the reference of the API has all of it. */
interface Value {
  readonly value: number | null;
  readonly status: string;
  readonly window: { readonly to: string };
  readonly revision: number;
}

const latest = new Map<string, Value>();

/** Greater window end, then greater revision, then the later record. Times are RFC 3339 in UTC: text compares as time does. */
function isNewer(value: Value, known: Value | undefined): boolean {
  if (known === undefined || value.window.to !== known.window.to) {
    return known === undefined || value.window.to > known.window.to;
  }
  return value.revision >= known.revision;
}

function take(key: string, value: Value): void {
  const [tenant, kpi, windowMs, dimension, group] = key.split(SEPARATOR);
  if (flags.tenant !== undefined && tenant !== flags.tenant) return;
  if (flags.kpi !== undefined && kpi !== flags.kpi) return;
  if (!isNewer(value, latest.get(key))) return;
  latest.set(key, value);
  const { value: number, status, window, revision } = value;
  const place = { tenant, kpi, windowMs: Number(windowMs), dimension, group };
  const line = { ...place, to: window.to, revision, value: number, status, known: latest.size };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const kafka = new Kafka({
  clientId: 'follow-values',
  brokers: flags.brokers.split(','),
  logLevel: logLevel.ERROR,
});
const consumer = kafka.consumer({ groupId: flags.group });
await consumer.connect();
await consumer.subscribe({ topics: [flags.topic], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message: { key, value } }) => {
    if (key === null || value === null) return;
    // A consumer that writes to a database does so here, by the rule above; its position is committed after that.
    take(key.toString(), JSON.parse(value.toString()));
  },
});

process.once('SIGINT', () => void consumer.disconnect());
process.once('SIGTERM', () => void consumer.disconnect());
