import { Fault } from '@kpi/core';
import { type Clock, pause } from '@kpi/runtime';
import { z } from 'zod';

import { type HttpAnswer, type HttpClient, readAnswer, refusalOf } from '../client/http.ts';
import { Interrupted } from '../interrupted.ts';
import type { QueuedEvent, Refusal } from './batches.ts';

/** What ingest said about a batch: events it holds, and those it refused. */
export interface SentBatch {
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
}

export interface SendOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborting ends the waiting between tries; a request under way is finished. */
  readonly signal: AbortSignal;
  /** How long one batch is tried again before the import gives up, in ms. */
  readonly retryMsMax: number;
  /** Called before each wait, for people. */
  readonly onRetry: (reason: string) => void;
}

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 15_000;
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const ingestAnswer = z.object({
  accepted: z.int(),
  rejected: z.array(
    z.object({
      index: z.int(),
      code: z.string(),
      message: z.string(),
      path: z.string().nullish(),
    }),
  ),
});

/**
 * Send events and wait until each is accepted or refused. Tries again while ingest is away or busy; a repeat is harmless,
 * because event ids decide. Throws what makes a repeat pointless, `service_unreachable` when the time is up, and
 * {@link Interrupted} when the signal ends the waiting.
 */
export async function sendBatch(
  events: readonly QueuedEvent[],
  options: SendOptions,
): Promise<SentBatch> {
  if (events.length === 0) return { accepted: 0, refusals: [] };
  const body = `[${events.map(({ json }) => json).join(',')}]`;
  const answer = await postUntilAnswered(body, options);
  if (answer.status === 413) return sendHalves(events, answer, options);
  if (answer.status !== 202 && answer.status !== 200) throw refusalOf(answer);
  const { accepted, rejected } = readAnswer(answer, ingestAnswer);
  const refusals = rejected.flatMap(({ index, code, message, path }) => {
    const queued = events[index];
    return queued === undefined ? [] : [refuse(queued, { code, reason: message, path })];
  });
  if (accepted + refusals.length !== events.length) {
    throw new Error(`ingest answered for ${accepted + refusals.length} of ${events.length} events`);
  }
  return { accepted, refusals };
}

/** The limit of ingest may be lower than ours; a single event over it is refused. */
async function sendHalves(
  events: readonly QueuedEvent[],
  answer: HttpAnswer,
  options: SendOptions,
): Promise<SentBatch> {
  const [only] = events;
  if (events.length === 1 && only !== undefined) {
    const { code } = refusalOf(answer);
    return { accepted: 0, refusals: [refuse(only, { code, reason: 'the event is too large' })] };
  }
  const middle = Math.ceil(events.length / 2);
  const first = await sendBatch(events.slice(0, middle), options);
  const second = await sendBatch(events.slice(middle), options);
  return {
    accepted: first.accepted + second.accepted,
    refusals: [...first.refusals, ...second.refusals],
  };
}

function refuse(
  { file, line, event }: QueuedEvent,
  refusal: {
    readonly code: string;
    readonly reason: string;
    readonly path?: string | null | undefined;
  },
): Refusal {
  const { code, reason, path } = refusal;
  return {
    file,
    line,
    code,
    reason,
    event,
    ...(path === undefined || path === null ? {} : { path }),
  };
}

async function postUntilAnswered(body: string, options: SendOptions): Promise<HttpAnswer> {
  const giveUpAt = options.clock() + options.retryMsMax;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await tryPost(body, options.client);
    if (outcome.kind === 'answered') return outcome.answer;
    const waitMs = outcome.retryAfterMs ?? backoffMs(attempt, options.random);
    if (options.clock() + waitMs > giveUpAt) throw outcome.fault;
    options.onRetry(outcome.fault.detail);
    await pause(waitMs, options.signal);
    if (options.signal.aborted) throw new Interrupted('stopped');
  }
}

type Attempt =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | { readonly kind: 'failed'; readonly fault: Fault; readonly retryAfterMs: number | undefined };

async function tryPost(body: string, client: HttpClient): Promise<Attempt> {
  try {
    const answer = await client.send({ method: 'POST', path: '/v1/events', body });
    if (!RETRYABLE_STATUSES.has(answer.status)) return { kind: 'answered', answer };
    const fault = new Fault('service_unreachable', `ingest says ${refusalOf(answer).message}`);
    const { retryAfterS } = answer;
    const retryAfterMs = retryAfterS === undefined ? undefined : retryAfterS * 1_000;
    return { kind: 'failed', fault, retryAfterMs };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: 'failed', fault: error, retryAfterMs: undefined };
  }
}

/** Doubles up to a limit; the random half keeps several importers from returning at once. */
function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** attempt);
  return ceiling * (0.5 + random() / 2);
}
