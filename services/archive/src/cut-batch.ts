import { type LogBatch } from '@kpi/kafka';

/** A stretch of the log in pieces: none has an offset of `cuts` inside. */
export function cutBatch(batch: LogBatch, cuts: readonly number[]): readonly LogBatch[] {
  return cuts.reduce<readonly LogBatch[]>(
    (pieces, cut) => pieces.flatMap((piece) => cutAt(piece, cut)),
    [batch],
  );
}

function cutAt(batch: LogBatch, cut: number): readonly LogBatch[] {
  if (cut <= batch.firstOffset || cut >= batch.nextOffset) return [batch];
  return [
    { ...batch, nextOffset: cut, records: batch.records.filter(({ offset }) => offset < cut) },
    { ...batch, firstOffset: cut, records: batch.records.filter(({ offset }) => offset >= cut) },
  ];
}
