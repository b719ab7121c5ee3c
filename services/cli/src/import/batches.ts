import type { EdgeEvent } from '../mapping/map-row.ts';
import type { PlannedInput, PlannedRow } from './plan.ts';
import { NO_TALLY, type Tally, countEach, reasonKind } from './tally.ts';

/** An event ready to send, and the row it came from. */
export interface QueuedEvent {
  readonly json: string;
  readonly event: EdgeEvent;
  readonly file: string;
  readonly line: number;
}

/** Why a row, or an event of it, did not get in. `code` and `path` are ingest's, where ingest refused. */
export interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly code?: string;
  readonly path?: string;
  readonly event?: EdgeEvent;
}

/** Consecutive rows and their events; the unit that is sent, counted and remembered. */
export interface Batch {
  readonly events: readonly QueuedEvent[];
  readonly refusals: readonly Refusal[];
  /** Rows from the first input's first row to the end of this batch. */
  readonly rowsDone: number;
  /** Bytes of all inputs read by then. */
  readonly bytesDone: number;
  /** What happened to the rows before sending. */
  readonly tally: Tally;
}

export interface BatchOptions {
  readonly eventsMax: number;
  /** Rows already done by an earlier run: read, but not sent again. */
  readonly skipRows: number;
  /** Rows taken from each file; absent means all. */
  readonly rowsMax?: number;
}

/** The body limit of ingest is 5 MiB; the rest is room for brackets and commas. */
const BATCH_BYTES_MAX = 4_500_000;
/** Rows without events still make progress that is worth remembering. */
const BATCH_ROWS_MAX = 10_000;

/** Group the rows of all inputs. Events of one row stay together. */
export async function* readBatches(
  inputs: readonly PlannedInput[],
  options: BatchOptions,
): AsyncGenerator<Batch> {
  const position = { rows: 0, earlierBytes: 0, bytes: 0 };
  let open = openBatch();
  for (const { file, rows } of inputs) {
    let rowsOfFile = 0;
    for await (const row of rows()) {
      if (rowsOfFile === options.rowsMax) break;
      rowsOfFile += 1;
      if (position.rows >= options.skipRows) {
        const queued = queue(row, file.name);
        if (isFull(open, queued, options.eventsMax)) {
          yield close(open, position);
          open = openBatch();
        }
        add(open, row, { file: file.name, queued });
      }
      position.rows += 1;
      position.bytes = position.earlierBytes + row.endByte;
    }
    position.earlierBytes += file.bytes ?? 0;
  }
  if (open.rows > 0) yield close(open, position);
}

/** A batch while rows are added to it. */
interface OpenBatch {
  readonly events: QueuedEvent[];
  readonly refusals: Refusal[];
  readonly skipReasons: string[];
  rows: number;
  idleRows: number;
  bytes: number;
}

function openBatch(): OpenBatch {
  return { events: [], refusals: [], skipReasons: [], rows: 0, idleRows: 0, bytes: 0 };
}

function queue({ line, outcome }: PlannedRow, file: string): readonly QueuedEvent[] {
  if (outcome.kind !== 'events') return [];
  return outcome.events.map((event) => ({ json: JSON.stringify(event), event, file, line }));
}

function isFull(open: OpenBatch, queued: readonly QueuedEvent[], eventsMax: number): boolean {
  if (open.rows === 0) return false;
  return (
    open.rows >= BATCH_ROWS_MAX ||
    open.events.length + queued.length > eventsMax ||
    open.bytes + bytesOf(queued) > BATCH_BYTES_MAX
  );
}

function bytesOf(queued: readonly QueuedEvent[]): number {
  return queued.reduce((sum, { json }) => sum + Buffer.byteLength(json) + 1, 0);
}

function add(
  open: OpenBatch,
  { line, outcome }: PlannedRow,
  row: { readonly file: string; readonly queued: readonly QueuedEvent[] },
): void {
  open.rows += 1;
  open.events.push(...row.queued);
  open.bytes += bytesOf(row.queued);
  if (outcome.kind === 'skipped') open.skipReasons.push(reasonKind(outcome.reason));
  if (outcome.kind === 'refused') {
    open.refusals.push({ file: row.file, line, reason: outcome.reason });
  }
  if (outcome.kind === 'events' && row.queued.length === 0) open.idleRows += 1;
}

function close(
  open: OpenBatch,
  position: { readonly rows: number; readonly bytes: number },
): Batch {
  const { events, refusals, skipReasons } = open;
  const tally: Tally = {
    ...NO_TALLY,
    rows: open.rows,
    skippedRows: skipReasons.length,
    refusedRows: refusals.length,
    idleRows: open.idleRows,
    events: events.length,
    eventsByType: countEach(events.map(({ event }) => String(event.event_type))),
    skipReasons: countEach(skipReasons),
    refusalReasons: countEach(refusals.map(({ reason }) => reasonKind(reason))),
  };
  return { events, refusals, tally, rowsDone: position.rows, bytesDone: position.bytes };
}
