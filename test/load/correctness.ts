import { type History } from '@kpi/clickhouse';
import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { systemClock } from '@kpi/runtime';
import { verifyAgainstLog } from '@kpi/verify';

import { type Pipeline, erasedOf } from '../support/pipeline.ts';

/** Whether what was measured was also right. */
export interface Correctness {
  readonly isRight: boolean;
  /** What was compared, for people. */
  readonly compared: string;
}

/** Every live value against a recount of the log. */
export async function checkLive(pipeline: Pipeline, records: number): Promise<Correctness> {
  const { config, kafka, topics, log } = pipeline;
  const report = await verifyAgainstLog(pipeline.view(), {
    kafka,
    decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock }),
    erased: erasedOf(pipeline),
    topics: topics.input,
    groupId: `${config.KPI_TOPIC_PREFIX}recount`,
    log,
    clock: systemClock,
  });
  const isRight = report.isClean && report.refused === 0 && report.events === records;
  const { questions, events, disagreements } = report;
  return {
    isRight,
    compared: `${questions} questions with a recount of ${events} events: ${disagreements.length} differ`,
  };
}

/** Rows in ClickHouse against records in Kafka. */
export async function checkHistory(history: History, records: number): Promise<Correctness> {
  const counts = await history.partitionCounts();
  const rows = counts.reduce((sum, one) => sum + one.rows, 0);
  return { isRight: rows === records, compared: `${rows} rows with ${records} records` };
}
