import { Fault } from '@kpi/core';
import { type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';
import { erasedRows } from './erasures.ts';
import { placeOf } from './log-place.ts';
import { wholeNumber } from './partition-state.ts';
import { recordOf } from './redis-hash.ts';
import { loadScript, runScript } from './script.ts';

const CLAIM = loadScript('archive-claim');
const PLAN = loadScript('archive-plan');
const COMMIT = loadScript('archive-commit');

/** A stretch of one topic of the partition: offsets `[from, to)`. */
export interface ArchiveRange {
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/** What one insert holds. The same plan is the same rows, because the log does not change. */
export interface ArchivePlan {
  readonly ranges: readonly ArchiveRange[];
  /** How many erasures were known: records that name one of those have no row. */
  readonly erasures: number;
}

/** Records of a plan that have no row, by topic. */
export interface LeftOut {
  readonly refused: ReadonlyMap<string, number>;
  readonly erased: ReadonlyMap<string, number>;
}

const archivePlan = z.object({
  ranges: z.array(z.object({ topic: z.string(), from: z.number(), to: z.number() })),
  erasures: z.number().default(0),
});

const NO_PLAN = '{"ranges":[]}';
const OFFSET = 'offset:';
const REFUSED = 'refused:';
const ERASED = 'erased:';

export interface ArchiveLedgerOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
}

/** Which offsets are archived, by partition. */
export class ArchiveLedger {
  readonly #options: ArchiveLedgerOptions;

  constructor(options: ArchiveLedgerOptions) {
    this.#options = options;
  }

  /** Become the archivist of a partition; whoever was it before can no longer plan or commit. Throws `store_unreachable`. */
  async claim(partition: number, worker: string): Promise<ArchivedPartition> {
    const key = ledgerKey(this.#options.prefix, partition);
    const ledger = recordOf(
      await runScript(this.#options.client, CLAIM, { keys: [key], args: [worker] }),
    );
    return new ArchivedPartition({ client: this.#options.client, key, ledger });
  }
}

interface ArchivedPartitionOptions {
  readonly client: RedisClient;
  readonly key: string;
  readonly ledger: Readonly<Record<string, string>>;
}

/** One partition in the hands of one archivist. */
export class ArchivedPartition {
  /** Next offset to archive when the partition was claimed, by topic. */
  readonly offsets: ReadonlyMap<string, number>;
  /** A plan that was recorded and not committed: its rows may be in ClickHouse or not. */
  readonly unfinished: ArchivePlan | undefined;
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #epoch: number;
  /** Offsets that this archivist knows to be committed. */
  readonly #committed: Map<string, number>;

  constructor({ client, key, ledger }: ArchivedPartitionOptions) {
    this.#client = client;
    this.#key = key;
    this.#epoch = wholeNumber('epoch', ledger['epoch']);
    this.offsets = offsetsOf(ledger, OFFSET);
    this.#committed = new Map(this.offsets);
    const plan = ledger['plan'] ?? '';
    this.unfinished = plan === '' ? undefined : archivePlan.parse(JSON.parse(plan));
  }

  /** Record a plan before its insert. Throws `ownership_lost`, `store_set_back`, `store_unreachable`; may be repeated. */
  async plan(plan: ArchivePlan): Promise<void> {
    const answer = await runScript(this.#client, PLAN, {
      keys: [this.#key],
      args: [this.#epoch, textOf(plan)],
    });
    if (answer === 2) throw await this.#otherPlan();
    await this.#requireOwnership(answer);
  }

  /** Record that the planned rows are in ClickHouse. Throws `ownership_lost`, `store_set_back`, `store_unreachable`; may be repeated. */
  async commit(plan: ArchivePlan, { refused, erased }: LeftOut): Promise<void> {
    const args = plan.ranges.flatMap(({ topic, to }) => [
      topic,
      to,
      refused.get(topic) ?? 0,
      erased.get(topic) ?? 0,
    ]);
    const answer = await runScript(this.#client, COMMIT, {
      keys: [this.#key],
      args: [this.#epoch, textOf(plan), ...args],
    });
    await this.#requireOwnership(answer);
    for (const { topic, to } of plan.ranges) this.#committed.set(topic, to);
  }

  /** Whether the store still is where this archivist left it. Throws `ownership_lost`, `store_set_back`, `store_unreachable`. */
  async confirm(): Promise<void> {
    const ledger = await reach('confirm ledger', this.#client.hgetall(this.#key));
    this.#requireEpoch(ledger['epoch']);
    const stored = offsetsOf(ledger, OFFSET);
    for (const [topic, offset] of this.#committed)
      if ((stored.get(topic) ?? 0) < offset) throw this.#setBack();
  }

  /** Why another plan is in hand. One that was committed can only be there again if the store has forgotten that. */
  async #otherPlan(): Promise<Fault> {
    const text = await reach('read plan', this.#client.hget(this.#key, 'plan'));
    const { ranges } = archivePlan.parse(JSON.parse(text || NO_PLAN));
    const isForgotten = ranges.every(({ topic, to }) => to <= (this.#committed.get(topic) ?? 0));
    return isForgotten
      ? this.#setBack()
      : new Fault('store_corrupt', `another plan is in hand in ${this.#key}`);
  }

  async #requireOwnership(answer: unknown): Promise<void> {
    if (answer === 1) return;
    this.#requireEpoch(
      (await reach('read ledger', this.#client.hget(this.#key, 'epoch'))) ?? undefined,
    );
  }

  /** Epochs only rise, so a lower one is that of a store that was restored or failed over. */
  #requireEpoch(text: string | undefined): void {
    const epoch = wholeNumber('epoch', text ?? 0);
    if (epoch < this.#epoch) throw this.#setBack();
    if (epoch > this.#epoch)
      throw new Fault('ownership_lost', `another archivist holds ${this.#key}`);
  }

  #setBack(): Fault {
    return new Fault(
      'store_set_back',
      `${this.#key} is older than its archivist: a restore or a failover`,
    );
  }
}

type LedgerConfig = Pick<EngineConfig, 'KPI_REDIS_PREFIX' | 'KPI_PARTITIONS'>;

/** What the archive has done, by `topic:partition`. */
export interface ArchiveProgress {
  /** Offset before which everything is archived, refused records included. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Records before it that could not be read and have no row. */
  readonly refused: ReadonlyMap<string, number>;
  /** Records that name somebody who was erased: their rows are gone, or there never was one. */
  readonly erased: ReadonlyMap<string, number>;
}

/** All of a partition at the same moment. Throws `store_unreachable`. */
export async function archiveProgress(
  client: RedisClient,
  config: LedgerConfig,
): Promise<ArchiveProgress> {
  const ledgers = await readLedgers(client, config);
  const erased = new Map(numbersOf(ledgers, ERASED));
  for (const [place, rows] of await erasedRows(client, config.KPI_REDIS_PREFIX))
    erased.set(place, (erased.get(place) ?? 0) + rows);
  return { offsets: numbersOf(ledgers, OFFSET), refused: numbersOf(ledgers, REFUSED), erased };
}

/** Offset before which everything is archived, refused records included, by `topic:partition`. */
export async function archivedOffsets(
  client: RedisClient,
  config: LedgerConfig,
): Promise<ReadonlyMap<string, number>> {
  return numbersOf(await readLedgers(client, config), OFFSET);
}

/** Records that could not be read and have no row, by `topic:partition`. */
export async function archiveRefusals(
  client: RedisClient,
  config: LedgerConfig,
): Promise<ReadonlyMap<string, number>> {
  return (await archiveProgress(client, config)).refused;
}

type Ledger = Readonly<Record<string, string>>;

/** By partition. */
function readLedgers(client: RedisClient, config: LedgerConfig): Promise<readonly Ledger[]> {
  const partitions = Array.from({ length: config.KPI_PARTITIONS }, (_, partition) => partition);
  return Promise.all(
    partitions.map((partition) =>
      reach('read ledger', client.hgetall(ledgerKey(config.KPI_REDIS_PREFIX, partition))),
    ),
  );
}

function numbersOf(ledgers: readonly Ledger[], kind: string): ReadonlyMap<string, number> {
  return new Map(
    ledgers.flatMap((ledger, partition) =>
      [...offsetsOf(ledger, kind)].map(([topic, count]) => [placeOf(topic, partition), count]),
    ),
  );
}

function ledgerKey(prefix: string, partition: number): string {
  return `${prefix}:{a${partition}}:archive`;
}

function offsetsOf(
  ledger: Readonly<Record<string, string>>,
  kind: string,
): ReadonlyMap<string, number> {
  const found = Object.entries(ledger).filter(([name]) => name.startsWith(kind));
  return new Map(found.map(([name, value]) => [name.slice(kind.length), wholeNumber(name, value)]));
}

function textOf({ ranges, erasures }: ArchivePlan): string {
  return JSON.stringify({
    ranges: ranges.map(({ topic, from, to }) => ({ topic, from, to })),
    ...(erasures > 0 && { erasures }),
  });
}
