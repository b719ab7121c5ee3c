import {
  type Exports,
  type History,
  type MemberReader,
  createExports,
  createHistory,
  createMemberReader,
} from '@kpi/clickhouse';
import {
  DeadLetterTail,
  LogRanges,
  SchemaRegistry,
  type Topics,
  createKafka,
  topicsOf,
} from '@kpi/kafka';
import {
  type ApiKeys,
  LiveView,
  type RedisClient,
  ValueBoard,
  closeRedis,
  createApiKeys,
  createRedis,
} from '@kpi/redis';
import type { ServiceContext } from '@kpi/runtime';

import type { ApiConfig } from './options.ts';
import { Publications } from './publications.ts';

/** The connections of the api service. */
export interface Engines {
  readonly client: RedisClient;
  readonly view: LiveView;
  readonly publications: Publications;
  readonly history: History;
  readonly exports: Exports;
  readonly members: MemberReader;
  readonly keys: ApiKeys;
  readonly log: EventLog;
  /** Can be called twice. */
  close(): Promise<void>;
}

/** What the api asks of Kafka and the registry, for the health of the pipeline only: no value depends on them. */
interface EventLog {
  readonly topics: Topics;
  readonly ranges: LogRanges;
  readonly letters: DeadLetterTail;
  readonly registry: SchemaRegistry;
}

export interface EngineOptions extends Pick<ServiceContext, 'log' | 'clock'> {
  readonly areKeysRequired: boolean;
  /** Called when a batch came into the live view, with the arrival of its first record in the log, ms. */
  readonly onArrival?: (arrivedAt: number) => void;
}

/** Connect, and load the live view. Throws `store_unreachable` when Redis is away; the others are asked at the first read. */
export async function openEngines(config: ApiConfig, options: EngineOptions): Promise<Engines> {
  const { log, clock } = options;
  const client = await createRedis(config, log);
  const prefix = config.KPI_REDIS_PREFIX;
  const view = new LiveView({
    client,
    prefix,
    partitions: config.KPI_PARTITIONS,
    log,
    clock,
    ...(options.onArrival === undefined ? {} : { onArrival: options.onArrival }),
  });
  const publications = new Publications({
    board: new ValueBoard({ client, prefix }),
    log,
    clock,
  });
  const history = createHistory(config, log);
  const exports = createExports(config);
  const members = createMemberReader(config);
  const keys = createApiKeys({ client, prefix, areRequired: options.areKeysRequired, clock });
  const eventLog = openEventLog(config, options);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= Promise.all([
      view.close(),
      publications.close(),
      history.close(),
      eventLog.ranges.close(),
      eventLog.letters.close(),
      exports.close(),
      members.close(),
    ]).then(() => closeRedis(client));
    return closing;
  };
  try {
    await Promise.all([view.open(), publications.open()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { client, view, publications, history, exports, members, keys, log: eventLog, close };
}

/** Nothing is connected yet. */
function openEventLog(config: ApiConfig, { log }: EngineOptions): EventLog {
  const topics = topicsOf(config);
  const kafka = createKafka(config, log);
  const letters = new DeadLetterTail({
    kafka,
    topic: topics.deadLetters,
    groupPrefix: config.KPI_TOPIC_PREFIX,
    log,
  });
  return {
    topics,
    ranges: new LogRanges(kafka),
    letters,
    registry: new SchemaRegistry(config),
  };
}
