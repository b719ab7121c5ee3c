import { Fault } from '@kpi/core';

/** What the owner hash says of a partition. */
export interface PartitionState {
  /** Raised by every claim; only the latest claimant may write. */
  readonly epoch: number;
  /** Number of batches applied so far. */
  readonly sequence: number;
  /** Next offset to apply, by topic. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The same of the topic of facts, which carries no events. */
  readonly told: ReadonlyMap<string, number>;
  /** Keys of homes that must be read again from history. */
  readonly stale: ReadonlySet<string>;
  /** Other counts by name, such as `events:kpi.lms.v1`. */
  readonly counts: ReadonlyMap<string, number>;
}

export const OFFSET = 'offset:';
export const TOLD = 'told:';
export const STALE = 'stale:';
const NOT_COUNTS: ReadonlySet<string> = new Set([
  'epoch',
  'sequence',
  'worker',
  'format',
  'epoch_before',
  'claimed_at',
]);

/** Reads the owner hash, given as a record. Throws `store_corrupt` on anything that is not a whole number. */
export function parsePartitionState(hash: Readonly<Record<string, string>>): PartitionState {
  const offsets = new Map<string, number>();
  const told = new Map<string, number>();
  const stale = new Set<string>();
  const counts = new Map<string, number>();
  for (const [name, value] of Object.entries(hash)) {
    if (name.startsWith(OFFSET)) offsets.set(name.slice(OFFSET.length), wholeNumber(name, value));
    else if (name.startsWith(TOLD)) told.set(name.slice(TOLD.length), wholeNumber(name, value));
    else if (name.startsWith(STALE)) stale.add(name.slice(STALE.length));
    else if (!NOT_COUNTS.has(name)) counts.set(name, wholeNumber(name, value));
  }
  return {
    epoch: wholeNumber('epoch', hash['epoch'] ?? '0'),
    sequence: wholeNumber('sequence', hash['sequence'] ?? '0'),
    offsets,
    told,
    stale,
    counts,
  };
}

export function wholeNumber(name: string, value: unknown): number {
  const number =
    typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new Fault('store_corrupt', `${name} is not a whole number`);
  return number;
}
