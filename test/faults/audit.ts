import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { archiveRefusals, archivedOffsets, placeOf } from '@kpi/redis';
import { systemClock } from '@kpi/runtime';
import { type LogReport, verifyAgainstLog } from '@kpi/verify';

import { type Pipeline, erasedOf, until } from '../support/pipeline.ts';
import { type Stage } from './stage.ts';

const CATCH_UP_MS = 90_000;

/** What all places say of the same records, once both consumers have them all. */
export interface Audit {
  /** Records in the input topics. */
  readonly records: number;
  /** Rows of the history store, and distinct events among them. */
  readonly rows: number;
  readonly distinctRows: number;
  /** Records that archive and aggregate could not read. */
  readonly refused: number;
  readonly refusedLive: number;
  /** Events that aggregate has counted. */
  readonly eventsLive: number;
  /** Live values against a recount of the log. */
  readonly log: LogReport;
}

/** Wait until aggregate and archive have reached the end of the log, then count everywhere. */
export async function audit(stage: Stage): Promise<Audit> {
  const { pipeline } = stage;
  const { config, redis, kafka, topics, log } = pipeline;
  await untilCaughtUp(pipeline);
  const counts = await stage.history.partitionCounts();
  const view = pipeline.view();
  await view.reload();
  const live = view.positions().flatMap((one) => [...one.counts]);
  const counted = (kind: string): number =>
    sum(live.filter(([name]) => name.startsWith(kind)).map(([, count]) => count));
  return {
    records: sum((await logEnds(pipeline)).values()),
    rows: sum(counts.map(({ rows }) => rows)),
    distinctRows: sum(counts.map(({ events }) => events)),
    refused: sum((await archiveRefusals(redis, config)).values()),
    refusedLive: counted('refused:'),
    eventsLive: counted('events:'),
    log: await verifyAgainstLog(pipeline.view(), {
      kafka,
      decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock }),
      erased: erasedOf(pipeline),
      topics: topics.input,
      groupId: `${config.KPI_TOPIC_PREFIX}recount`,
      log,
      clock: systemClock,
    }),
  };
}

/** Waits until live and archived offsets are the ends of the log, in every partition that has records. */
export async function untilCaughtUp(pipeline: Pipeline, deadlineMs = CATCH_UP_MS): Promise<void> {
  let behind: readonly string[] = [];
  try {
    await until(
      'caught up',
      async () => {
        const archived = await archivedOffsets(pipeline.redis, pipeline.config);
        const live = await liveOffsets(pipeline);
        // A request that was given up may still arrive: the ends are asked for each time.
        behind = [...(await logEnds(pipeline))].flatMap(([place, end]) =>
          live.get(place) === end && archived.get(place) === end
            ? []
            : [`${place} ${live.get(place) ?? 0} ${archived.get(place) ?? 0} ${end}`],
        );
        return behind.length === 0;
      },
      deadlineMs,
    );
  } catch (cause) {
    throw new Error(`place, live, archived, end: ${behind.join('; ')}`, { cause });
  }
}

async function liveOffsets(pipeline: Pipeline): Promise<ReadonlyMap<string, number>> {
  const view = pipeline.view();
  await view.reload();
  return new Map(Object.entries(view.bound()));
}

/** Ends of the input topics by `topic:partition`, of those that have records. */
export async function logEnds({ kafka, topics }: Pipeline): Promise<ReadonlyMap<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map<string, number>();
  for (const topic of topics.input) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic))
      if (Number(high) > 0) ends.set(placeOf(topic, partition), Number(high));
  }
  await admin.disconnect();
  return ends;
}

export function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
