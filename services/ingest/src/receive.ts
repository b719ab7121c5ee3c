import { type EventType, Fault, type KpiEvent } from '@kpi/core';
import { type DeadLetter, deadLetterOf, type OutgoingRecord } from '@kpi/kafka';
import { type Identity, type TenantSalts } from '@kpi/redis';

import { checkEvent } from './event-check.ts';
import { type EventLog } from './event-log.ts';
import { type IngestMetrics } from './ingest-metrics.ts';
import { createHashMail } from './mail-hash.ts';
import { type RawRequest, readBody, type ReceivedBatch } from './request-body.ts';
import { resolveAccounts } from './resolve-accounts.ts';

/** What became of one request: the answer of `POST /v1/events`. */
export interface Receipt {
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}

/** A refused event. `path` is a JSON pointer into the event as it was sent; empty for the event itself. */
export interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

export interface ReceiverOptions {
  readonly log: EventLog;
  readonly identity: Identity;
  readonly salts: TenantSalts;
  readonly metrics: IngestMetrics;
  readonly clock: () => number;
  readonly futureMsMax: number;
}

export interface TenantRequest extends RawRequest {
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

interface Indexed<T> {
  readonly index: number;
  readonly value: T;
}

interface Sorted<T> {
  readonly good: readonly Indexed<T>[];
  readonly refused: readonly Indexed<Fault>[];
}

export function createReceiver(options: ReceiverOptions): Receiver {
  return { receive: (request) => receive(request, options) };
}

async function receive(request: TenantRequest, options: ReceiverOptions): Promise<Receipt> {
  const batch = await readOrKeep(request, options);
  request.onCounted(batch.events.length);
  options.metrics.batchEvents.observe(batch.events.length);
  const checked = sort(await check(batch, request.tenantId, options));
  const { events, changes } = await resolveAccounts(
    options.identity,
    request.tenantId,
    checked.good.map(({ value }) => value),
  );
  const encoded = sort(await options.log.encode(events));
  const refused = [
    ...checked.refused,
    ...encoded.refused.map(({ index, value }) => ({
      index: checked.good[index]?.index ?? 0,
      value,
    })),
  ];
  const letters = refused.map((one) => letterOf(one, { batch, request, now: options.clock() }));
  await write(
    encoded.good.flatMap(({ value }) => value),
    letters,
    options,
  );
  // After the acknowledgement: a membership that the log does not have must not decide keys. If this fails, the
  // client hears of it and sends again, which repeats harmlessly.
  await options.identity.record(request.tenantId, changes);
  count(
    encoded.good.flatMap(({ index }) => events[index] ?? []),
    refused,
    options.metrics,
  );
  return {
    accepted: encoded.good.length,
    rejected: refused.toSorted((a, b) => a.index - b.index).map((one) => rejectionOf(one, batch)),
  };
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
    if (request.body.length > 0) {
      const letter = deadLetterOf({
        fault: error,
        origin: { kind: 'http' },
        body: request.body,
        contentType: 'application/json',
        source: null,
        eventId: null,
        tenantId: request.tenantId,
        refusedAtMs: options.clock(),
      });
      await write([], [letter], options);
    }
    options.metrics.rejected.inc({ code: error.code });
    throw error;
  }
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

function sort<T>(outcomes: readonly (T | Fault)[]): Sorted<T> {
  const good: Indexed<T>[] = [];
  const refused: Indexed<Fault>[] = [];
  for (const [index, value] of outcomes.entries()) {
    if (value instanceof Fault) refused.push({ index, value });
    else good.push({ index, value });
  }
  return { good, refused };
}

interface LetterContext {
  readonly batch: ReceivedBatch;
  readonly request: TenantRequest;
  readonly now: number;
}

function letterOf({ index, value }: Indexed<Fault>, context: LetterContext): DeadLetter {
  const { batch, request, now } = context;
  const fields = batch.events[index];
  const text = (name: string): string | null => {
    const found = fields instanceof Fault ? undefined : fields?.[name];
    return typeof found === 'string' ? found : null;
  };
  return deadLetterOf({
    fault: batch.describe(value),
    origin: { kind: 'http' },
    body: batch.rawOf(index),
    contentType: batch.contentType,
    source: text('source'),
    eventId: text('event_id'),
    tenantId: request.tenantId,
    refusedAtMs: now,
  });
}

function rejectionOf({ index, value }: Indexed<Fault>, batch: ReceivedBatch): Rejection {
  const { code, detail, path = '' } = batch.describe(value);
  return { index, code, message: detail, path };
}

function count(
  events: readonly KpiEvent[],
  refused: readonly Indexed<Fault>[],
  metrics: IngestMetrics,
): void {
  const areas = Map.groupBy(events, (event) => areaOf(event.event_type));
  for (const [area, members] of areas) metrics.accepted.inc({ area }, members.length);
  for (const { value } of refused) metrics.rejected.inc({ code: value.code });
}

function areaOf(type: EventType): string {
  return type.slice(0, type.indexOf('.'));
}
