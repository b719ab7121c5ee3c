import { Fault } from '@kpi/core';
import { type Logger, pause } from '@kpi/runtime';
import { z } from 'zod';

import type { CanonicalEvent } from './canonical-event.ts';

/** Most events that one request may carry. */
export const BATCH_EVENTS_MAX = 1_000;

export interface SenderOptions {
  /** Base URL of ingest. */
  readonly url: string;
  readonly tenant: string;
  /** API key, where one is required. */
  readonly key?: string;
  readonly log: Logger;
  /** Ends waiting and retrying: a send in hand then throws. */
  readonly signal: AbortSignal;
}

/** How many of the events were taken; the others are refused for good and logged. */
export interface Sent {
  readonly accepted: number;
  readonly refused: number;
}

export type Send = (events: readonly CanonicalEvent[]) => Promise<Sent>;

const REQUEST_MS_MAX = 30_000;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 10_000;
/** A refusal of the same kind is logged this often per request; the rest are counted. */
const REFUSALS_LOGGED_MAX = 3;

const ANSWER = z.object({
  accepted: z.number(),
  rejected: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
});

/**
 * Sends batches to `POST /v1/events` and repeats for as long as the answer is "later". Throws a Fault `config_invalid` when the
 * whole request is refused: a wrong key, or a URL that is not ingest's.
 */
export function createSender(options: SenderOptions): Send {
  return async (events) => {
    const body = JSON.stringify(events);
    for (let attempt = 0; ; attempt += 1) {
      options.signal.throwIfAborted();
      const answer = await post(options, body);
      if (answer.kind === 'taken') return report(options.log, events, answer.value);
      const waitMs = answer.retryAfterMs ?? Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** attempt);
      options.log.warn({ reason: answer.reason, waitMs }, 'events not taken yet');
      await pause(waitMs, options.signal);
    }
  };
}

type Answer =
  | { readonly kind: 'taken'; readonly value: z.infer<typeof ANSWER> }
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfterMs?: number };

async function post(options: SenderOptions, body: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(new URL('/v1/events', options.url), {
      method: 'POST',
      headers: headers(options),
      body,
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_MS_MAX)]),
    });
    const text = await response.text();
    if (response.ok) return { kind: 'taken', value: ANSWER.parse(JSON.parse(text)) };
    if (isPassing(response.status)) return later(response);
    throw new Fault('config_invalid', `ingest refused: ${response.status} ${text.slice(0, 300)}`);
  } catch (error) {
    if (!isUnreachable(error) || options.signal.aborted) throw error;
    return { kind: 'later', reason: 'ingest_unreachable' };
  }
}

function headers(options: SenderOptions): Record<string, string> {
  return {
    'content-type': 'application/json',
    'kpi-tenant': options.tenant,
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
  };
}

function later(response: Response): Answer {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const reason = `status_${response.status}`;
  return Number.isFinite(seconds)
    ? { kind: 'later', reason, retryAfterMs: seconds * 1_000 }
    : { kind: 'later', reason };
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Neither a Fault nor an answer that cannot be read: the connection failed or took too long. */
function isUnreachable(error: unknown): boolean {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  return isTimeout || (error instanceof TypeError && error.message === 'fetch failed');
}

function report(
  log: Logger,
  events: readonly CanonicalEvent[],
  answer: z.infer<typeof ANSWER>,
): Sent {
  for (const { index, code, message } of answer.rejected.slice(0, REFUSALS_LOGGED_MAX)) {
    log.error({ code, reason: message, eventId: events[index]?.event_id }, 'event refused');
  }
  return { accepted: answer.accepted, refused: answer.rejected.length };
}
