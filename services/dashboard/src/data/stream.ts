import { createParser } from 'eventsource-parser';

import type { KpiValue, Status } from './answers.ts';
import { Refusal, accessHeaders, refusalOf } from './client.ts';

/** The server says something every two seconds: silent for so long, the connection is gone without a word. */
const SILENCE_MS_MAX = 7_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
/** A page that nobody sees lets go of its connection, of which a browser has few; it resumes where it was. */
const HIDDEN_MS_MAX = 30_000;

/** What a stream says. */
export type StreamEvent =
  | { readonly kind: 'reset' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'value'; readonly value: KpiValue }
  | { readonly kind: 'status'; readonly status: Status };

export interface StreamListener {
  readonly onEvent: (event: StreamEvent) => void;
  readonly onOpen: () => void;
  /** The connection is lost; it is being made again. */
  readonly onLost: (reason: Refusal) => void;
}

/**
 * Follow `GET /v1/stream` until the abort: after a loss it goes on after the last message seen. `EventSource` does the same, but
 * cannot send an API key.
 */
export async function followStream(
  query: URLSearchParams,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<void> {
  let lastId = '';
  let retryMs = RETRY_MS_MIN;
  while (!signal.aborted) {
    await untilSeen(signal);
    try {
      await readStream(query, lastId, signal, {
        ...listener,
        onOpen: () => {
          retryMs = RETRY_MS_MIN;
          listener.onOpen();
        },
        onId: (id) => {
          lastId = id;
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof HiddenPage))
        listener.onLost(
          error instanceof Refusal ? error : new Refusal('unreachable', 'The connection is lost.'),
        );
    }
    await pause(retryMs, signal);
    retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
  }
}

/** Why a connection was let go: nobody looks. */
class HiddenPage extends Error {}

async function readStream(
  query: URLSearchParams,
  lastId: string,
  signal: AbortSignal,
  listener: StreamListener & { readonly onId: (id: string) => void },
): Promise<void> {
  const stop = new AbortController();
  const watch = watchConnection(stop);
  try {
    const response = await fetch(`/v1/stream?${query}`, {
      headers: { ...accessHeaders(), ...(lastId === '' ? {} : { 'last-event-id': lastId }) },
      signal: AbortSignal.any([signal, stop.signal]),
    });
    if (!response.ok || response.body === null) throw await refusalOf(response);
    listener.onOpen();
    const parser = createParser({
      onId: listener.onId,
      onEvent: ({ event, data }) => {
        const said = readEvent(event, data);
        if (said !== undefined) listener.onEvent(said);
      },
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Refusal('unreachable', 'The server ended the connection.');
      watch.heard();
      parser.feed(value);
    }
  } finally {
    watch.end();
    stop.abort();
  }
}

/** Ends a connection on which nothing is heard, and one of a page that was hidden for a while. */
function watchConnection(stop: AbortController) {
  let heardAt = performance.now();
  let hiddenAt = document.hidden ? heardAt : undefined;
  const timer = setInterval(() => {
    const now = performance.now();
    hiddenAt = document.hidden ? (hiddenAt ?? now) : undefined;
    if (hiddenAt !== undefined && now - hiddenAt > HIDDEN_MS_MAX) stop.abort(new HiddenPage());
    else if (now - heardAt > SILENCE_MS_MAX)
      stop.abort(new Refusal('unreachable', 'The server is silent.'));
  }, 1_000);
  return {
    heard: () => {
      heardAt = performance.now();
    },
    end: () => clearInterval(timer),
  };
}

/** A message as the page knows it; undefined for one it has no use for. */
function readEvent(event: string | undefined, data: string): StreamEvent | undefined {
  // oxlint-disable typescript/no-unsafe-type-assertion -- parsed boundary: page and API are one version
  if (event === 'value') return { kind: 'value', value: JSON.parse(data) as KpiValue };
  if (event === 'status') return { kind: 'status', status: JSON.parse(data) as Status };
  // oxlint-enable typescript/no-unsafe-type-assertion
  return event === 'reset' || event === 'ready' ? { kind: event } : undefined;
}

/** Resolves when the page is in view, or at the abort. */
function untilSeen(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after `ms`, at the abort, or when the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const finish = (): void => {
      done.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    globalThis.addEventListener('online', finish, { signal: done.signal });
    signal.addEventListener('abort', finish, { signal: done.signal });
  });
}
