import { type EngineConfig, type Logger } from '@kpi/runtime';
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';

/** Where the brokers are and how to speak to them. Each producer, consumer and admin opens its own connections. */
export type KafkaClient = Kafka;

export type KafkaOptions = Pick<
  EngineConfig,
  | 'KPI_KAFKA_BROKERS'
  | 'KPI_KAFKA_TLS'
  | 'KPI_KAFKA_SASL_MECHANISM'
  | 'KPI_KAFKA_USER'
  | 'KPI_KAFKA_PASSWORD'
>;

const CONNECT_DEADLINE_MS = 3_000;
/** A request that a broker does not answer is given up; above the longest wait that we ask a broker for. */
const REQUEST_DEADLINE_MS = 10_000;

/** Describe the cluster; nothing is connected yet. kafkajs's own lines go to `log` at debug level. */
export function createKafka(config: KafkaOptions, log: Logger): KafkaClient {
  const sasl = saslOf(config);
  const settings: KafkaConfig = {
    clientId: 'kpi-stream',
    brokers: [...config.KPI_KAFKA_BROKERS],
    ssl: config.KPI_KAFKA_TLS,
    connectionTimeout: CONNECT_DEADLINE_MS,
    requestTimeout: REQUEST_DEADLINE_MS,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => writeLine(log, entry),
  };
  return new Kafka(sasl === undefined ? settings : { ...settings, sasl });
}

function saslOf(config: KafkaOptions): SASLOptions | undefined {
  const mechanism = config.KPI_KAFKA_SASL_MECHANISM;
  if (mechanism === undefined) return undefined;
  return {
    mechanism,
    username: config.KPI_KAFKA_USER ?? '',
    password: config.KPI_KAFKA_PASSWORD ?? '',
  };
}

/** Debugging only: it calls errors what it then repeats, and what it gives up reaches us as a rejection or a crash event. */
function writeLine(log: Logger, { namespace, log: line }: LogEntry): void {
  log.debug({ part: namespace, said: line.message }, 'kafka client');
}
