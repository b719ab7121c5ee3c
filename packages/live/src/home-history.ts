import { setImmediate } from 'node:timers/promises';

import { type ArchivedRecords } from '@kpi/clickhouse';
import {
  type Definitions,
  EVENT_TYPES,
  Fault,
  type HomeKey,
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
  /** History rests this many times as long as it was read; 4 without. */
  readonly rests?: number;
}

/** Homes that are asked for, and where in the log their partition stands. */
interface HomesAsked {
  readonly partition: number;
  /** Next offset to apply, by input topic. */
  readonly positions: ReadonlyMap<string, number>;
  readonly keys: readonly string[];
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
  read(asked: HomesAsked): Promise<HomeFacts>;
  readonly isErased: IsErased;
}

const POLL_MS = 100;
/** The archive is a second or two behind. After this it is tried again, and the reason shows. */
const PATIENCE_MS = 10_000;

/** Whoever corrects all day must not keep history from answering others. */
const RESTS = 4;
const REST_MS_MAX = 5_000;

export function createHomeHistory(options: HomeHistoryOptions): HomeHistory {
  const queue = new ReadingQueue(options);
  return {
    async read(asked) {
      await untilArchived(asked, options);
      return queue.read(asked);
    },
    isErased: options.isErased,
  };
}

type HomeFacts = ReadonlyMap<string, readonly PlacedFact[]>;

interface Request {
  readonly asked: HomesAsked;
  readonly answered: PromiseWithResolvers<HomeFacts>;
}

/** Reads for all partitions of a process together what they ask for while history rests. */
class ReadingQueue {
  readonly #options: HomeHistoryOptions;
  #waiting: readonly Request[] = [];
  #isBusy = false;

  constructor(options: HomeHistoryOptions) {
    this.#options = options;
  }

  read(asked: HomesAsked): Promise<HomeFacts> {
    const answered = Promise.withResolvers<HomeFacts>();
    this.#waiting = [...this.#waiting, { asked, answered }];
    if (!this.#isBusy) void this.#work();
    return answered.promise;
  }

  async #work(): Promise<void> {
    const { clock, rests = RESTS } = this.#options;
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      const begun = clock();
      await this.#answer(this.#nextRequests());
      await pause(Math.min(REST_MS_MAX, rests * (clock() - begun)));
    }
    this.#isBusy = false;
  }

  /** One of each partition: another of the same is of another place. */
  #nextRequests(): readonly Request[] {
    const next = new Map<number, Request>();
    for (const request of this.#waiting)
      if (!next.has(request.asked.partition)) next.set(request.asked.partition, request);
    const taken = new Set(next.values());
    this.#waiting = this.#waiting.filter((request) => !taken.has(request));
    return [...taken];
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    const isWanted = ({ asked }: Request): boolean => asked.signal?.aborted !== true;
    try {
      const facts = await readHomes(
        requests.filter(isWanted).map(({ asked }) => asked),
        this.#options,
      );
      for (const request of requests) {
        const keys = isWanted(request) ? request.asked.keys : [];
        request.answered.resolve(new Map(keys.map((key) => [key, facts.get(key) ?? []])));
      }
    } catch (error) {
      for (const { answered } of requests) answered.reject(error);
    }
  }
}

async function readHomes(
  all: readonly HomesAsked[],
  options: HomeHistoryOptions,
): Promise<HomeFacts> {
  const homes = all.flatMap((asked) =>
    asked.keys.map((key) => ({ ...parseHomeKey(key), key, asked })),
  );
  const facts = new Map<string, readonly PlacedFact[]>();
  for (const [tenantId, ofTenant] of Map.groupBy(homes, (home) => home.tenantId))
    for (const [key, said] of await readTenant(tenantId, ofTenant, options)) facts.set(key, said);
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

/** A home, and what asked for it. */
interface HomeAsked extends HomeKey {
  readonly key: string;
  readonly asked: HomesAsked;
}

async function readTenant(
  tenantId: string,
  homes: readonly HomeAsked[],
  { records, partitions, isErased }: HomeHistoryOptions,
): Promise<HomeFacts> {
  const all = [...new Set(homes.map(({ asked }) => asked))];
  const events = new Map<string, RecordedEvent[]>(homes.map(({ key }) => [key, []]));
  const subjects = homes.flatMap(({ subject }) => (subject === '' ? [] : [subjectOfHome(subject)]));
  const idsOf = (kind: Subject['kind']): readonly string[] =>
    subjects.filter((one) => one.kind === kind).map(({ id }) => id);
  const place = {
    tenantId,
    accounts: idsOf('account'),
    users: idsOf('user'),
    ofNobody: homes.some(({ subject }) => subject === ''),
    partitions: all.map(({ partition }) => partition),
    bound: Object.fromEntries(
      all.flatMap(({ partition, positions }) =>
        [...positions].map(([topic, position]) => [placeOf(topic, partition), position] as const),
      ),
    ),
  };
  const types = EVENT_TYPES.filter((type) =>
    all.some(({ definitionsOf }) => isCountedFor(type, definitionsOf(tenantId))),
  );
  for await (const record of records.readHomes(place, types)) {
    const event = eventOfFields((field) => record.valueOf(field));
    if (namesErased(event, isErased)) continue;
    const partition = Number(record.valueOf('_partition'));
    for (const key of keysIn(event, { partition, partitions }))
      events.get(key)?.push({ event, offset: record.offset });
  }
  const facts = new Map<string, readonly PlacedFact[]>();
  for (const { key, asked } of homes) {
    facts.set(key, factsOfHistory(events.get(key) ?? [], asked.definitionsOf(tenantId)));
    await setImmediate();
  }
  return facts;
}
