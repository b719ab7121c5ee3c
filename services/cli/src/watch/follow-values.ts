import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';

import type { HttpClient, HttpRequest } from '../client/http.ts';
import { type Value, value } from '../client/kpi-answer.ts';
import { RequestRefused } from '../client/request-refused.ts';

const STATUS = z.object({ events_per_second: z.number().optional(), fresh_at: z.string() });

/** What the stream says of itself every two seconds. */
export type StreamStatus = z.infer<typeof STATUS>;

/** What happens while values are followed. */
export type Happening =
  /** A value as it is now; `json` is the whole envelope. */
  | { readonly kind: 'value'; readonly value: Value; readonly json: string }
  | { readonly kind: 'status'; readonly status: StreamStatus }
  /** All values follow anew: those that do not come are no more. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly reason: string };

export interface FollowOptions {
  readonly client: HttpClient;
  readonly query: HttpRequest['query'];
  readonly signal: AbortSignal;
}

const RETRY_MS = 500;
const RETRY_MS_MAX = 5_000;
/** The stream says something every two seconds: one that is silent for so long is dead, whatever the network says. */
const SILENT_MS_MAX = 15_000;

/**
 * Values as they are published, from all current ones on, until the abort. A stream that is lost is taken up where it ended.
 * Throws what the first connection meets, and whatever the API refuses later.
 */
export async function* followValues(options: FollowOptions): AsyncGenerator<Happening> {
  const { signal } = options;
  let place: Place = { isConnected: false, lastId: undefined };
  let waitMs = RETRY_MS;
  while (!signal.aborted) {
    try {
      for await (const happening of readOnce(options, place, (next) => (place = next))) {
        waitMs = RETRY_MS;
        yield happening;
      }
      if (signal.aborted) return;
      yield { kind: 'lost', reason: 'the stream ended' };
    } catch (error) {
      if (signal.aborted) return;
      if (!place.isConnected || !isPassing(error)) throw error;
      yield { kind: 'lost', reason: error instanceof Error ? error.message : String(error) };
    }
    await pause(waitMs, signal);
    waitMs = Math.min(2 * waitMs, RETRY_MS_MAX);
  }
}

/** Where the stream is to be taken up. */
interface Place {
  readonly isConnected: boolean;
  readonly lastId: string | undefined;
}

/** A connection that broke, or a server that is starting again. What is refused otherwise stays refused. */
function isPassing(error: unknown): boolean {
  if (error instanceof RequestRefused) return error.status >= 500 || error.status === 429;
  return !(error instanceof Fault) || error.retryable;
}

async function* readOnce(
  { client, query, signal }: FollowOptions,
  { lastId }: Place,
  reach: (place: Place) => void,
): AsyncGenerator<Happening> {
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), SILENT_MS_MAX);
  try {
    const body = await client.follow({
      path: '/v1/stream',
      query: { ...query, snapshot: 'true' },
      headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    reach({ isConnected: true, lastId });
    yield { kind: 'connected' };
    const messages = body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { event, data, id } of messages) {
      watchdog.refresh();
      if (id !== undefined && id !== '') reach({ isConnected: true, lastId: id });
      const happening = happeningOf(event, data);
      if (happening !== undefined) yield happening;
    }
  } finally {
    clearTimeout(watchdog);
  }
}

function happeningOf(event: string | undefined, data: string): Happening | undefined {
  switch (event) {
    case 'value':
      return { kind: 'value', value: value.parse(JSON.parse(data)), json: data };
    case 'reset':
      return { kind: 'reset' };
    case 'status':
      return { kind: 'status', status: STATUS.parse(JSON.parse(data)) };
    default:
      return undefined;
  }
}
