import { join } from 'node:path';

import type { HttpClient } from '../client/http.ts';
import type { CliContext } from '../context.ts';
import { Interrupted } from '../interrupted.ts';
import { plural, writeLine } from '../output.ts';
import { type Batch, readBatches } from './batches.ts';
import type { ImportFile } from './files.ts';
import { inOrder } from './in-order.ts';
import type { PlannedInput } from './plan.ts';
import { type Progress, createProgress } from './progress.ts';
import { type Rejects, openRejects } from './rejects.ts';
import { type SentBatch, sendBatch } from './send-batch.ts';
import { type ImportState, NOTHING_DONE, type StateFile, openState } from './state.ts';
import { NO_TALLY, type Tally, addTallies, countEach } from './tally.ts';

/** What to import and how. */
export interface ImportRequest {
  readonly files: readonly ImportFile[];
  readonly inputs: readonly PlannedInput[];
  readonly mappingText: string | undefined;
  readonly tenant: string | undefined;
  readonly eventsPerBatch: number;
  readonly concurrency: number;
  readonly rowsMax: number | undefined;
  /** Whether an interrupted run of the same import is continued. */
  readonly isResumed: boolean;
  readonly dataFolder: string;
  readonly rejectsPath: string | undefined;
  readonly retryMsMax: number;
}

export interface ImportResult {
  readonly tally: Tally;
  readonly rejects: Rejects;
  /** Rows that an earlier run had already done. */
  readonly rowsResumed: number;
  readonly tookMs: number;
}

/**
 * Send everything to ingest. What is done is remembered after each batch, in order, so that a run that ends early, by
 * Ctrl-C, a failure or a crash, can be continued by the same command.
 */
export async function runImport(
  request: ImportRequest,
  context: CliContext,
  client: HttpClient,
): Promise<ImportResult> {
  const startedAt = context.clock();
  // A wrong address shows at once; only an ingest that was there is waited for.
  await client.send({ method: 'GET', path: '/healthz' });
  const state = await openImportState(request, client.url);
  const earlier = (await state?.load(startedAt)) ?? NOTHING_DONE;
  if (earlier.rowsDone > 0) {
    const rows = plural(earlier.rowsDone, 'row');
    writeLine(
      context.err,
      `continuing after ${rows} of an earlier run; --no-resume begins at the start`,
    );
  }
  const rejects = await openRejects(request.rejectsPath, earlier.rowsDone > 0);
  try {
    const progress = createProgress({
      terminal: context.err,
      clock: context.clock,
      bytesTotal: request.inputs.reduce((sum, { file }) => sum + (file.bytes ?? 0), 0),
    });
    const tally = await sendAll(request, { context, client, state, earlier, rejects, progress });
    await state?.remove();
    const tookMs = context.clock() - startedAt;
    return { tally, rejects, rowsResumed: earlier.rowsDone, tookMs };
  } finally {
    await rejects.close();
  }
}

interface ImportRun {
  readonly context: CliContext;
  readonly client: HttpClient;
  readonly state: StateFile | undefined;
  readonly earlier: ImportState;
  readonly rejects: Rejects;
  readonly progress: Progress;
}

async function sendAll(request: ImportRequest, run: ImportRun): Promise<Tally> {
  const { context, earlier, state } = run;
  const done = { tally: earlier.tally };
  try {
    for await (const { batch, sent } of sendInOrder(request, run)) {
      done.tally = addTallies(done.tally, addTallies(batch.tally, tallyOfSent(sent)));
      await run.rejects.add([...batch.refusals, ...sent.refusals]);
      await state?.save({ rowsDone: batch.rowsDone, tally: done.tally }, context.clock());
      run.progress.update(batch.bytesDone, done.tally);
    }
    if (context.signal.aborted) throw new Interrupted('stopped');
    return done.tally;
  } catch (error) {
    const rows = plural(done.tally.rows, 'row');
    const further = state === undefined ? '' : '; the same command continues there';
    run.progress.close();
    writeLine(context.err, `${rows} done${further}`);
    throw error;
  } finally {
    run.progress.close();
  }
}

function sendInOrder(request: ImportRequest, { context, client, earlier, progress }: ImportRun) {
  const { clock, random, signal } = context;
  const onRetry = (reason: string): void => progress.waiting(reason);
  const sending = { client, clock, random, signal, retryMsMax: request.retryMsMax, onRetry };
  const batches = readBatches(request.inputs, {
    eventsMax: request.eventsPerBatch,
    skipRows: earlier.rowsDone,
    ...(request.rowsMax === undefined ? {} : { rowsMax: request.rowsMax }),
  });
  return inOrder(untilAborted(batches, signal), request.concurrency, async (batch) => ({
    batch,
    sent: await sendBatch(batch.events, sending),
  }));
}

async function* untilAborted(
  batches: AsyncIterable<Batch>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    if (signal.aborted) return;
    yield batch;
  }
}

function tallyOfSent({ accepted, refusals }: SentBatch): Tally {
  return {
    ...NO_TALLY,
    acceptedEvents: accepted,
    refusedEvents: refusals.length,
    refusalReasons: countEach(refusals.map(({ code, reason }) => `${code ?? ''}: ${reason}`)),
  };
}

/** Standard input cannot be read twice, and a run of part of the rows has nothing to continue. */
async function openImportState(
  request: ImportRequest,
  url: string,
): Promise<StateFile | undefined> {
  const { files, mappingText, tenant, rowsMax } = request;
  if (rowsMax !== undefined || files.some(({ bytes }) => bytes === undefined)) return undefined;
  const folder = join(request.dataFolder, 'imports');
  const state = await openState(folder, { files, mappingText, url, tenant });
  if (!request.isResumed) await state.remove();
  return state;
}
