import { Fault, type KpiEvent } from '@kpi/core';
import { type DeadLetter, type OutgoingRecord } from '@kpi/kafka';
import {
  type ErasedSubjects,
  type Erasures,
  type Identity,
  type MembershipChange,
  type TenantSalts,
} from '@kpi/redis';

import { requestErasures, withoutName } from './erasure-events.ts';
import { checkEvent } from './event-check.ts';
import { type EventLog } from './event-log.ts';
import { type IngestMetrics } from './ingest-metrics.ts';
import { createHashMail } from './mail-hash.ts';
import { bodyLetter, eventLetter } from './refused.ts';
import { type RawRequest, readBody, type ReceivedBatch } from './request-body.ts';
import { resolveAccounts } from './resolve-accounts.ts';

/** What became of one request: the answer of `POST /v1/events`. */
interface Receipt {
  readonly accepted: number;
  /** In the order of the request. */
  readonly rejected: readonly Rejection[];
}

/** A refused event. `path` is a JSON pointer into the event as it was sent; empty for the event itself. */
interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

export interface ReceiverOptions {
  readonly log: EventLog;
  readonly identity: Identity;
  readonly salts: TenantSalts;
  readonly erasures: Erasures;
  /** Events that name one of them are refused and not kept. */
  readonly erased: ErasedSubjects;
  readonly metrics: IngestMetrics;
  readonly clock: () => number;
  readonly futureMsMax: number;
}

interface TenantRequest extends RawRequest {
  readonly tenantId: string;
  /** Called with the number of events once it is known. */
  readonly onCounted: (events: number) => void;
}

/** Takes in requests of any form. */
export interface Receiver {
  /**
   * Resolves once every accepted event and every refused one is acknowledged by all in-sync replicas. Throws
   * `body_invalid` when nothing could be read (the body is kept as a dead letter first), `batch_too_large`, and
   * retryable Faults when an engine is away: then nothing may be assumed, and sending again is safe.
   */
  receive(request: TenantRequest): Promise<Receipt>;
}

/** What became of one event at its place in the request. */
interface Outcome<T> {
  readonly index: number;
  readonly value: T;
}

export function createReceiver(options: ReceiverOptions): Receiver {
  return { receive: (request) => receive(request, options) };
}

async function receive(request: TenantRequest, options: ReceiverOptions): Promise<Receipt> {
  const { tenantId } = request;
  await options.erased.refreshIfReachable();
  const batch = await readOrKeep(request, options);
  request.onCounted(batch.events.length);
  options.metrics.batchEvents.observe(batch.events.length);
  const refused: Outcome<Fault>[] = [];
  const checked = await check(batch, tenantId, options);
  const events = takeGood(numbered(checked), refused);
  const { masked, asked } = await withoutName(options.erasures, values(events));
  const resolved = await resolveAccounts(options.identity, tenantId, masked);
  const known = takeGood(renumbered(resolved.events, events), refused);
  const settled = takeGood(
    known.map((one) => unlessErased(one, options.erased)),
    refused,
  );
  const encoded = await options.log.encode(values(settled));
  const records = takeGood(renumbered(encoded, settled), refused);
  const letters = refused
    .filter(({ value }) => value.code !== 'subject_erased')
    .map((one) => eventLetter({ ...one, batch, tenantId, refusedAtMs: options.clock() }));
  await write(values(records).flat(), letters, options);
  // After the acknowledgement: a membership that the log does not have must not decide keys. If this fails, the
  // client hears of it and sends again, which repeats harmlessly.
  await options.identity.record(tenantId, changesOf(values(settled), resolved.changes));
  await requestErasures(options.erasures, asked);
  count(values(settled), values(refused), options.metrics);
  const rejected = refused.toSorted((a, b) => a.index - b.index);
  return { accepted: records.length, rejected: rejected.map((one) => rejectionOf(one, batch)) };
}

/** What cannot be taken apart is kept whole; only then the client hears that it was refused. */
async function readOrKeep(
  request: TenantRequest,
  options: ReceiverOptions,
): Promise<ReceivedBatch> {
  try {
    return readBody(request);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'body_invalid') throw error;
    const { body, tenantId } = request;
    if (body.length > 0) {
      const letter = bodyLetter({ value: error, body, tenantId, refusedAtMs: options.clock() });
      await write([], [letter], options);
    }
    options.metrics.rejected.inc({ code: error.code });
    throw error;
  }
}

/** Of an event that is refused nothing is remembered, its membership neither. */
function changesOf(
  events: readonly KpiEvent[],
  changes: readonly MembershipChange[],
): readonly MembershipChange[] {
  const accepted = new Set(events.map(keyOf));
  return changes.filter(({ source, eventId }) => accepted.has(`${source}\u001f${eventId}`));
}

function keyOf({ source, event_id: eventId }: KpiEvent): string {
  return `${source}\u001f${eventId}`;
}

function unlessErased(
  { index, value }: Outcome<KpiEvent>,
  erased: ErasedSubjects,
): Outcome<KpiEvent | Fault> {
  if (!erased.isNamedBy(value)) return { index, value };
  return { index, value: new Fault('subject_erased', 'names somebody who was erased') };
}

async function check(
  batch: ReceivedBatch,
  tenantId: string,
  options: ReceiverOptions,
): Promise<readonly (KpiEvent | Fault)[]> {
  const context = {
    tenantId,
    now: options.clock(),
    futureMsMax: options.futureMsMax,
    hashMail: createHashMail(await options.salts.saltOf(tenantId)),
  };
  return batch.events.map((fields) =>
    fields instanceof Fault ? fields : checkEvent(fields, context),
  );
}

async function write(
  records: readonly OutgoingRecord[],
  letters: readonly DeadLetter[],
  { log, metrics }: ReceiverOptions,
): Promise<void> {
  const stop = metrics.ackSeconds.startTimer();
  await log.write(records, letters);
  stop();
}

function numbered<T>(outcomes: readonly T[]): readonly Outcome<T>[] {
  return outcomes.map((value, index) => ({ index, value }));
}

/** The next step's outcome of each event that came through the step before. */
function renumbered<T>(
  outcomes: readonly T[],
  before: readonly Outcome<unknown>[],
): readonly Outcome<T>[] {
  return outcomes.map((value, place) => ({ index: before[place]?.index ?? place, value }));
}

/** What came through; the rest is added to `refused`. */
function takeGood<T>(
  outcomes: readonly Outcome<T | Fault>[],
  refused: Outcome<Fault>[],
): readonly Outcome<T>[] {
  const good: Outcome<T>[] = [];
  for (const { index, value } of outcomes) {
    if (value instanceof Fault) refused.push({ index, value });
    else good.push({ index, value });
  }
  return good;
}

function values<T>(outcomes: readonly Outcome<T>[]): readonly T[] {
  return outcomes.map(({ value }) => value);
}

function rejectionOf({ index, value }: Outcome<Fault>, batch: ReceivedBatch): Rejection {
  const { code, detail, path = '' } = batch.describe(value);
  return { index, code, message: detail, path };
}

function count(
  events: readonly KpiEvent[],
  refused: readonly Fault[],
  metrics: IngestMetrics,
): void {
  const areas = Map.groupBy(events, ({ event_type: type }) => type.slice(0, type.indexOf('.')));
  for (const [area, members] of areas) metrics.accepted.inc({ area }, members.length);
  for (const { code } of refused) metrics.rejected.inc({ code });
}
