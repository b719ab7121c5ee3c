import { Fault, type EventType } from '@kpi/core';
import { type EngineConfig } from '@kpi/runtime';

/** Input topics without prefix, and the areas of event types that each carries (DESIGN 3). The one declaration of topics. */
const INPUT_AREAS = {
  'kpi.product.v1': ['account', 'user', 'product', 'onboarding', 'referral', 'subject'],
  'kpi.lms.v1': ['lms'],
  'kpi.support.v1': ['support'],
  'kpi.billing.v1': ['billing'],
  'kpi.survey.v1': ['survey'],
  'kpi.marketing.v1': ['marketing', 'crm', 'fx', 'margin'],
} as const;

const FACTS = 'kpi.facts.v1';
const VALUES = 'kpi.values.v1';
const DEAD_LETTERS = 'kpi.dead-letters.v1';

/** Long enough for a worker that was down over a long weekend; older state is rebuilt from ClickHouse. */
const RETENTION_MS = 7 * 86_400_000;

/**
 * A producer sends the records of one partition as one batch, and the broker measures batches: a request of 1,000 events
 * of one account, or the dead letter of a whole body of 5 MiB in base64, must fit. The default is 1 MiB.
 */
const BATCH_BYTES_MAX = 8 * 1_048_576;

/** One topic as it must be on the broker. */
export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  /** Kafka's topic configuration, as text. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Full names of all topics of an installation, and where events go. */
export interface Topics {
  /** Topics that carry events, in a fixed order. */
  readonly input: readonly string[];
  /** Entities that change home: written and read by aggregate alone, co-partitioned with the input topics. */
  readonly facts: string;
  /** Published KPI values, for consumers downstream. */
  readonly values: string;
  /** Refused events, compacted by dead-letter id. */
  readonly deadLetters: string;
  readonly declarations: readonly TopicDeclaration[];
  /** Topic of an event type. */
  of(eventType: EventType): string;
}

/** The topics of the installation that `config` names. */
export function topicsOf(
  config: Pick<EngineConfig, 'KPI_TOPIC_PREFIX' | 'KPI_PARTITIONS'>,
): Topics {
  const name = (topic: string): string => `${config.KPI_TOPIC_PREFIX}${topic}`;
  const areas = new Map(
    Object.entries(INPUT_AREAS).flatMap(([topic, names]) =>
      names.map((area) => [area as string, name(topic)] as const),
    ),
  );
  const input = Object.keys(INPUT_AREAS).map(name);
  const partitions = config.KPI_PARTITIONS;
  return {
    input,
    facts: name(FACTS),
    values: name(VALUES),
    deadLetters: name(DEAD_LETTERS),
    declarations: [
      ...[...input, name(FACTS), name(VALUES)].map((topic) => logTopic(topic, partitions)),
      compactedTopic(name(DEAD_LETTERS)),
    ],
    of: (eventType) => topicIn(areas, eventType),
  };
}

function topicIn(areas: ReadonlyMap<string, string>, eventType: EventType): string {
  const topic = areas.get(eventType.slice(0, eventType.indexOf('.')));
  if (topic === undefined) throw new Fault('event_type_unknown', `no topic for ${eventType}`);
  return topic;
}

/**
 * The broker stamps records with their arrival, whatever a producer says: with event time as the timestamp, retention
 * would delete an accepted old event.
 */
function logTopic(name: string, partitions: number): TopicDeclaration {
  return {
    name,
    partitions,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': String(RETENTION_MS),
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(BATCH_BYTES_MAX),
    },
  };
}

/** One partition: refused events are few, and a reader sees them in the order of refusal. */
function compactedTopic(name: string): TopicDeclaration {
  return {
    name,
    partitions: 1,
    settings: {
      'cleanup.policy': 'compact',
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(BATCH_BYTES_MAX),
    },
  };
}
