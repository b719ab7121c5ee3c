import { type ArchivedRecords } from '@kpi/clickhouse';
import {
  type Definitions,
  EVENT_TYPES,
  Fault,
  type IsErased,
  type PlacedFact,
  type RecordedEvent,
  type Subject,
  factsOfHistory,
  isCountedFor,
  namesErased,
  parseHomeKey,
  subjectOfHome,
} from '@kpi/core';
import { eventOfFields, keysIn } from '@kpi/kafka';
import { placeOf } from '@kpi/redis';
import { type Clock, pause } from '@kpi/runtime';

export interface HomeHistoryOptions {
  readonly records: Pick<ArchivedRecords, 'readHomes'>;
  readonly partitions: number;
  /** Offset before which everything is archived, by `topic:partition`. */
  readonly archived: () => Promise<ReadonlyMap<string, number>>;
  readonly isErased: IsErased;
  readonly clock: Clock;
}

/** Homes that are asked for, and where in the log their partition stands. */
interface HomesAsked {
  readonly partition: number;
  /** Next offset to apply, by input topic. */
  readonly positions: ReadonlyMap<string, number>;
  readonly keys: Iterable<string>;
  readonly definitionsOf: (tenantId: string) => Definitions;
  /** Ends the waiting: nothing is read then. */
  readonly signal?: AbortSignal;
}

/** Reads homes again from what the archive has written. */
export interface HomeHistory {
  /**
   * What the events of homes before the given positions say, without those that were taken back or that name somebody who was
   * erased. Waits until the archive has come as far. Throws `history_unreachable`, `store_unreachable`.
   */
  read(asked: HomesAsked): Promise<ReadonlyMap<string, readonly PlacedFact[]>>;
  readonly isErased: IsErased;
}

const POLL_MS = 100;
/** The archive is a second or two behind. After this it is tried again, and the reason shows. */
const PATIENCE_MS = 10_000;

/** History rests this many times as long as it was read: whoever corrects all day must not keep it from answering others. */
const RESTS = 4;
const REST_MS_MAX = 5_000;

export function createHomeHistory(options: HomeHistoryOptions): HomeHistory {
  const { clock } = options;
  let rested: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(read: () => Promise<T>): Promise<T> => {
    const begun = rested.then(clock);
    const done = rested.then(read);
    rested = Promise.all([begun, done]).then(
      ([at]) => pause(Math.min(REST_MS_MAX, RESTS * (clock() - at))),
      () => undefined,
    );
    return done;
  };
  return {
    async read(asked) {
      await untilArchived(asked, options);
      return inTurn(() => readHomes(asked, options));
    },
    isErased: options.isErased,
  };
}

async function readHomes(
  asked: HomesAsked,
  options: HomeHistoryOptions,
): Promise<ReadonlyMap<string, readonly PlacedFact[]>> {
  const facts = new Map<string, readonly PlacedFact[]>();
  if (asked.signal?.aborted === true) return facts;
  for (const [tenantId, keys] of Map.groupBy(asked.keys, (key) => parseHomeKey(key).tenantId))
    for (const [key, said] of await readTenant(tenantId, { ...asked, keys }, options))
      facts.set(key, said);
  return facts;
}

async function untilArchived(
  { partition, positions, signal }: HomesAsked,
  { archived, clock }: HomeHistoryOptions,
): Promise<void> {
  const deadline = clock() + PATIENCE_MS;
  for (;;) {
    const offsets = await archived();
    const behind = [...positions].find(
      ([topic, position]) => (offsets.get(placeOf(topic, partition)) ?? 0) < position,
    );
    if (behind === undefined || signal?.aborted === true) return;
    if (clock() > deadline)
      throw new Fault(
        'history_unreachable',
        `a home must be read again from history, and the archive has not come to ${behind[1]} of ${behind[0]} in partition ${partition}`,
      );
    await pause(POLL_MS, signal);
  }
}

async function readTenant(
  tenantId: string,
  { partition, positions, keys, definitionsOf }: HomesAsked,
  { records, partitions, isErased }: HomeHistoryOptions,
): Promise<ReadonlyMap<string, readonly PlacedFact[]>> {
  const events = new Map<string, RecordedEvent[]>([...keys].map((key) => [key, []]));
  const subjects = [...keys]
    .map((key) => parseHomeKey(key).subject)
    .filter((subject) => subject !== '')
    .map(subjectOfHome);
  const idsOf = (kind: Subject['kind']): readonly string[] =>
    subjects.filter((one) => one.kind === kind).map(({ id }) => id);
  const place = {
    tenantId,
    accounts: idsOf('account'),
    users: idsOf('user'),
    partition,
    bound: Object.fromEntries(positions),
  };
  const definitions = definitionsOf(tenantId);
  const types = EVENT_TYPES.filter((type) => isCountedFor(type, definitions));
  for await (const record of subjects.length === 0 ? [] : records.readHomes(place, types)) {
    const event = eventOfFields((field) => record.valueOf(field));
    if (namesErased(event, isErased)) continue;
    for (const key of keysIn(event, { partition, partitions }))
      events.get(key)?.push({ event, offset: record.offset });
  }
  return new Map([...events].map(([key, all]) => [key, factsOfHistory(all, definitions)]));
}
