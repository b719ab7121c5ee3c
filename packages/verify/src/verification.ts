import { randomUUID } from 'node:crypto';

import { createHistory } from '@kpi/clickhouse';
import { SchemaRegistry, createEventDecoder, createKafka, topicsOf } from '@kpi/kafka';
import {
  ErasedSubjects,
  LiveView,
  type VerifyResult,
  archiveProgress,
  closeRedis,
  createRedis,
  recordVerifyResult,
} from '@kpi/redis';
import { type Clock, type EngineConfig, type Logger } from '@kpi/runtime';

import { type LogReport, verifyAgainstLog } from './verify-log.ts';
import { type VerifyReport, verify } from './verify.ts';

export interface VerificationOptions {
  readonly config: EngineConfig;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface VerifyCall {
  /** Called after each question. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** Connections to all stores, to compare them with each other. What was found is kept in Redis for whoever shows it. */
export interface Verification {
  /** Live against ClickHouse, as {@link verify}. */
  againstHistory(call?: VerifyCall): Promise<VerifyReport>;
  /** Live against a recount of the log, as {@link verifyAgainstLog}. */
  againstLog(call?: VerifyCall): Promise<LogReport>;
  close(): Promise<void>;
}

/** Connect to the engines that `config` names. Throws `store_unreachable`. */
export async function openVerification(options: VerificationOptions): Promise<Verification> {
  const { config, log, clock } = options;
  const redis = await createRedis(config, log);
  const history = createHistory(config, log);
  const topics = topicsOf(config);
  const createView = (): LiveView =>
    new LiveView({
      client: redis,
      prefix: config.KPI_REDIS_PREFIX,
      partitions: config.KPI_PARTITIONS,
      log,
      clock,
    });
  return {
    async againstHistory(call = {}) {
      const report = await verify({
        live: createView(),
        history,
        archiveProgress: () => archiveProgress(redis, config),
        topics: topics.input,
        clock,
        ...call,
      });
      await recordVerifyResult(redis, config, {
        ...resultOf('history', report),
        at: report.at,
        unequal_partitions: report.partitions.filter(({ isEqual }) => !isEqual).length,
        took_ms: report.tookMs,
      });
      return report;
    },
    async againstLog({ signal } = {}) {
      const begun = clock();
      const report = await verifyAgainstLog(createView(), {
        kafka: createKafka(config, log),
        decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock }),
        erased: new ErasedSubjects({
          client: redis,
          prefix: config.KPI_REDIS_PREFIX,
          clock,
          stage: 'asked',
        }),
        topics: topics.input,
        groupId: `${config.KPI_TOPIC_PREFIX}verify-${randomUUID()}`,
        log,
        clock,
        ...(signal === undefined ? {} : { signal }),
      });
      await recordVerifyResult(redis, config, {
        ...resultOf('log', report),
        at: begun,
        unequal_partitions: 0,
        took_ms: clock() - begun,
      });
      return report;
    },
    async close() {
      await history.close();
      await closeRedis(redis);
    },
  };
}

/** What both comparisons say in the same words. */
function resultOf(
  against: VerifyResult['against'],
  report: Pick<VerifyReport | LogReport, 'isClean' | 'questions' | 'disagreements'>,
) {
  return {
    against,
    is_clean: report.isClean,
    questions: report.questions,
    disagreements: report.disagreements.length,
  };
}
