import { type History } from '@kpi/clickhouse';
import { type ArchiveLedger, type ArchivedPartition, type LeftOut } from '@kpi/redis';
import { type Logger } from '@kpi/runtime';

export interface ClaimOptions {
  readonly ledger: ArchiveLedger;
  readonly history: Pick<History, 'nextOffsets'>;
  readonly topics: readonly string[];
  readonly partition: number;
  readonly worker: string;
  readonly log: Logger;
}

/** A partition of our own, and where to go on. */
export interface Claim {
  readonly archived: ArchivedPartition;
  /** Next offset by topic. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Of what the store has forgotten nobody knows what had no row. */
const NOTHING_LEFT_OUT: LeftOut = { refused: new Map(), erased: new Map() };

/**
 * Become the archivist of a partition. It goes on where the ledger is, unless history has more than the ledger and its
 * unfinished plan explain: then Redis is new or was restored from an older copy, and reading again from there would add the
 * same records in other blocks.
 */
export async function claimPartition(options: ClaimOptions): Promise<Claim> {
  const { ledger, history, topics, partition, worker, log } = options;
  const archived = await ledger.claim(partition, worker);
  const positions = new Map(archived.offsets);
  const planned = new Map(archived.unfinished?.ranges.map(({ topic, to }) => [topic, to]));
  const ahead = [...(await history.nextOffsets({ topics, partition }))].filter(
    ([topic, next]) => next > (planned.get(topic) ?? positions.get(topic) ?? 0),
  );
  if (ahead.length === 0) return { archived, positions };
  log.warn({ partition, ahead }, 'history is ahead of the ledger');
  if (archived.unfinished !== undefined) {
    // Plans are carried out one after the other: what follows this one is there, so it is too.
    await archived.commit(archived.unfinished, NOTHING_LEFT_OUT);
    return claimPartition(options);
  }
  // Those who ask how far the archive is ask the ledger.
  const ranges = ahead.map(([topic, to]) => ({ topic, from: positions.get(topic) ?? 0, to }));
  const plan = { ranges, erasures: 0 };
  await archived.plan(plan);
  await archived.commit(plan, NOTHING_LEFT_OUT);
  for (const [topic, next] of ahead) positions.set(topic, next);
  return { archived, positions };
}
