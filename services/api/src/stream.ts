import { Readable } from 'node:stream';

import { Fault, PART } from '@kpi/core';
import type { HttpServer } from '@kpi/runtime';
import { z } from 'zod';

import type { TenantOf } from './access.ts';
import type { Publications } from './publications.ts';
import { KEY_REFUSALS } from './schemas.ts';
import { KEEP_ALIVE, encodeMessage, gapBetween, parseLastEventId } from './sse.ts';

export interface StreamOptions {
  readonly publications: Publications;
  readonly tenantOf: TenantOf;
}

/** Streams of one process; each holds a socket. */
const STREAMS_MAX = 1_000;
/** Below the idle limits of common proxies. */
const KEEP_ALIVE_MS = 15_000;

const schema = {
  tags: ['kpis'],
  security: [{ apiKey: [] }],
  summary: 'Values as they change, as server-sent events',
  description:
    'A message `value` holds a result envelope; its id is its place in the sequence. After a loss `Last-Event-ID` brings what was missed; a message `gap` says that part of it is no longer kept, so read the values anew.',
  response: {
    200: {
      description: 'A stream that does not end.',
      content: { 'text/event-stream': { schema: z.unknown() } },
    },
    ...KEY_REFUSALS,
  },
} as const;

/** `GET /v1/stream`: every value of the tenant as it is published. */
export function registerStream(http: HttpServer, options: StreamOptions): void {
  let streams = 0;
  http.get('/v1/stream', { schema }, async (request, reply) => {
    const tenantId = await options.tenantOf(request);
    if (streams >= STREAMS_MAX) throw new Fault('rate_limited', 'too many streams are open');
    streams += 1;
    const gone = new AbortController();
    reply.raw.once('close', () => {
      streams -= 1;
      gone.abort();
    });
    const { publications } = options;
    const from = parseLastEventId(request.headers['last-event-id']) ?? publications.sequence;
    const signal = AbortSignal.any([gone.signal, http.closing]);
    const messages = streamValues(publications, { tenantId, from, signal });
    return reply
      .type('text/event-stream')
      .header('cache-control', 'no-store')
      .send(Readable.from(messages, { objectMode: false }));
  });
}

interface Reader {
  readonly tenantId: string;
  /** Sequence number of the last value it has seen. */
  readonly from: number;
  readonly signal: AbortSignal;
}

/** The text of a stream, made as fast as its reader takes it, until the abort. */
async function* streamValues(
  publications: Publications,
  { tenantId, from, signal }: Reader,
): AsyncGenerator<string> {
  // A number ahead of ours was given out by a store that is no more.
  let seen = Math.min(from, publications.sequence);
  yield KEEP_ALIVE;
  while (!signal.aborted) {
    const values = await publications.after(seen);
    const gap = gapBetween(seen, values[0]?.sequence ?? 0);
    if (gap !== undefined) yield gap;
    for (const { sequence, address, json } of values) {
      seen = sequence;
      if (!address.startsWith(`${tenantId}${PART}`)) continue;
      yield encodeMessage({ id: sequence, event: 'value', data: json });
    }
    if (values.length > 0) continue;
    await publications.moved(AbortSignal.any([signal, AbortSignal.timeout(KEEP_ALIVE_MS)]));
    if (publications.sequence === seen) yield KEEP_ALIVE;
  }
}
