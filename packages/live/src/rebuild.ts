import { Fault } from '@kpi/core';
import { LogRanges } from '@kpi/kafka';
import { currentGeneration, newGeneration, removeGenerations, switchGeneration } from '@kpi/redis';
import { pause } from '@kpi/runtime';

import { Filling, type FillingOptions } from './filling.ts';
import { NO_PAST, type Past, type PastSource, readLogStarts } from './past.ts';

export interface RebuildOptions extends FillingOptions {
  /** Where it has what the log no longer holds; the log must begin at its beginning without. */
  readonly past?: PastSource;
}

export interface RebuildReport {
  readonly generation: number;
  readonly records: number;
  /** Records that are no events; their dead letters are as they were. */
  readonly refused: number;
  /** Partitions that a running worker took over; the others wait for one to start. */
  readonly takenOver: number;
}

/** Readers look ten times a second; after this all that run have left the old generation. */
const READERS_MS = 3_000;

/**
 * Count everything anew, beside the store that is in use, and then put the new store in its place at once. Old values are served
 * meanwhile, and workers go on; they move over by themselves. Throws `offset_lost` when the log no longer begins at its
 * beginning and there is no other past, `history_incomplete` when that past ends before the log begins, and
 * `rebuild_overtaken` when another rebuild was faster.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const past = await openPast(options);
  const from = await currentGeneration(options);
  const generation = await newGeneration(options);
  const filling = new Filling(options, { generation, past });
  let isSwitched = false;
  try {
    await filling.start();
    await filling.untilLevel(from);
    isSwitched = await switchGeneration(options, { from, to: generation });
    if (!isSwitched)
      throw new Fault('rebuild_overtaken', 'another rebuild was put into use meanwhile');
    options.log.info({ generation }, 'rebuilt store is in use');
    const takenOver = await filling.handOver();
    await pause(READERS_MS);
    return { generation, ...filling.counts(), takenOver };
  } finally {
    await filling.close();
    options.onProgress?.({ step: 'removing', applied: 0, total: 0 });
    // What a rebuild that died has left goes with the store that was replaced.
    await removeGenerations(options, (one) => (isSwitched ? one < generation : one === generation));
  }
}

async function openPast({ kafka, topics, past = NO_PAST }: RebuildOptions): Promise<Past> {
  const ranges = new LogRanges(kafka);
  try {
    return await past.open(await readLogStarts(ranges, topics));
  } finally {
    await ranges.close();
  }
}
