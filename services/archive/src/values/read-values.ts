import { type PublishedRow } from '@kpi/clickhouse';
import { KPI_UNITS, type KpiValue, PART, STATUSES } from '@kpi/core';
import { type LogBatch, type LogRecord } from '@kpi/kafka';
import { z } from 'zod';

const time = z.iso.datetime();
const count = z.number();

const publishedValue: z.ZodType<KpiValue> = z.object({
  kpi_id: z.string(),
  definition_version: z.int(),
  segment: z.record(z.string(), z.string()),
  window: z.object({ kind: z.literal('rolling'), from: time, to: time, resolution_ms: z.int() }),
  as_of: time,
  watermark: time.nullable(),
  value: count.nullable(),
  unit: z.enum(KPI_UNITS),
  currency: z.string().nullable(),
  numerator: count.nullable(),
  denominator: count.nullable(),
  n: count.nullable(),
  ci: z.object({ level: count, low: count, high: count.nullable(), method: z.string() }).nullable(),
  status: z.enum(STATUSES),
  notes: z.array(z.string()),
  immature_n: count,
  excluded: z.record(z.string(), count),
  served_from: z.enum(['live', 'history']),
  sources: z.record(z.string(), time),
  revision: z.int(),
  computed_at: time,
});

/** tenant, KPI, window in ms, dimension and its value. */
const address = z.tuple([
  z.string(),
  z.string(),
  z.string().regex(/^\d+$/).transform(Number),
  z.string(),
  z.string(),
]);

/** What a stretch of the topic of published values holds. */
export interface ReadValues {
  readonly rows: readonly PublishedRow[];
  /** Records that are no published value: whoever wrote them, no evaluator did. */
  readonly strange: number;
}

export function readValues(batch: LogBatch): ReadValues {
  const rows = batch.records.map((record) => readRecord(batch, record));
  const good = rows.filter((row) => row !== undefined);
  return { rows: good, strange: rows.length - good.length };
}

function readRecord(
  { topic, partition }: LogBatch,
  { key, value, offset }: LogRecord,
): PublishedRow | undefined {
  const place = address.safeParse(String(key ?? '').split(PART));
  const parsed = publishedValue.safeParse(parseJson(String(value ?? '')));
  if (!place.success || !parsed.success) return undefined;
  const [tenantId, , windowMs, dimension, group] = place.data;
  return { tenantId, windowMs, dimension, group, value: parsed.data, topic, partition, offset };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
