import { Readable } from 'node:stream';

import { type Definitions, Fault } from '@kpi/core';
import { type HttpServer, pause } from '@kpi/runtime';
import { z } from 'zod';

import type { TenantOf } from './access.ts';
import { ComparisonFeed } from './compare/comparison-feed.ts';
import type { ReadStatus } from './health/status.ts';
import type { Publications } from './publications.ts';
import { KEY_REFUSALS, QUESTION_REFUSALS } from './schemas.ts';
import { endWhenStuck } from './slow-reader.ts';
import { encodeMessage, readLastEventId } from './sse.ts';
import { type IsWanted, selectAddresses, streamParameters } from './stream-selection.ts';

export interface StreamOptions {
  readonly publications: Publications;
  readonly tenantOf: TenantOf;
  readonly readStatus: ReadStatus;
  /** By what a tenant's published numbers are counted. */
  readonly definitionsOf: (tenantId: string) => Definitions;
  /** The growing comparison of a tenant now, as JSON. */
  readonly readComparison: (tenantId: string) => Promise<string>;
  /** Streams of this process; each holds a socket. One tenant has half of them at most. */
  readonly streamsMax: number;
}

/** Below the idle limits of common proxies, and soon enough for a page that shows how old its numbers are. */
const STATUS_MS = 2_000;
const RETRY_MS = 1_000;
/** Longer than any pause of a network that a reader survives. */
const STUCK_MS = 30_000;

const schema = {
  tags: ['kpis'],
  security: [{ apiKey: [] }],
  summary: 'Values as they change, as server-sent events',
  description: [
    'A message `value` holds a result envelope; its id is its place in the sequence of all published values.',
    'After a loss `Last-Event-ID` brings what was missed, no value twice and none left out.',
    'When that is no longer possible, or with `snapshot=true`, a message `reset` says so (`{"reason": "id_unknown" | "asked"}`),',
    'all current values follow, without ids, and then `ready` with the id to resume from.',
    'A message `status` comes at least every two seconds: events counted and per second, last event by source,',
    '`fresh_at` (the live store was last in reach) and `published_at` (the evaluator was last seen at work).',
    'With `comparison=support_ticket_rate` messages `comparison` come as often: rates and the ratio as events arrive, its interval as of history.',
  ].join(' '),
  querystring: streamParameters,
  response: {
    200: {
      description: 'A stream that does not end.',
      content: { 'text/event-stream': { schema: z.unknown() } },
    },
    400: QUESTION_REFUSALS[400],
    404: QUESTION_REFUSALS[404],
    ...KEY_REFUSALS,
  },
} as const;

/** `GET /v1/stream`: the values of the tenant as they are published. */
export function registerStream(http: HttpServer, options: StreamOptions): void {
  const { publications, tenantOf, readStatus, readComparison, definitionsOf } = options;
  const admit = createAdmission(options.streamsMax);
  http.get('/v1/stream', { schema }, async (request, reply) => {
    const tenantId = await tenantOf(request);
    const isWanted = selectAddresses(tenantId, request.query, definitionsOf(tenantId));
    const seen = readLastEventId(request.headers['last-event-id']);
    const isSnapshotAsked = seen === undefined && request.query.snapshot === 'true';
    const leave = admit(tenantId);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      leave();
      gone.abort();
    });
    endWhenStuck(reply.raw, STUCK_MS);
    const messages = streamValues(publications, {
      isWanted,
      from: isSnapshotAsked ? undefined : (seen ?? publications.last),
      readStatus: () => JSON.stringify(readStatus(tenantId)),
      comparison:
        request.query.comparison === undefined
          ? undefined
          : new ComparisonFeed(() => readComparison(tenantId)),
      signal: AbortSignal.any([gone.signal, http.closing]),
    });
    return reply
      .type('text/event-stream')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(Readable.from(messages, { objectMode: false }));
  });
}

/** Counts streams in and out. Throws `rate_limited` when there are too many. */
function createAdmission(streamsMax: number): (tenantId: string) => () => void {
  const open = new Map<string, number>();
  return (tenantId) => {
    const own = open.get(tenantId) ?? 0;
    const all = [...open.values()].reduce((sum, count) => sum + count, 0);
    if (all >= streamsMax || own >= Math.ceil(streamsMax / 2))
      throw new Fault('rate_limited', 'too many streams are open');
    open.set(tenantId, own + 1);
    return () => {
      const left = (open.get(tenantId) ?? 1) - 1;
      if (left === 0) open.delete(tenantId);
      else open.set(tenantId, left);
    };
  };
}

interface Reader {
  readonly isWanted: IsWanted;
  /** Id of the last value it has seen; undefined when it asks for all current ones. */
  readonly from: string | undefined;
  readonly readStatus: () => string;
  readonly comparison: ComparisonFeed | undefined;
  readonly signal: AbortSignal;
}

/** The text of a stream, made as fast as its reader takes it, until the abort. */
async function* streamValues(
  publications: Publications,
  { isWanted, from, readStatus, comparison, signal }: Reader,
): AsyncGenerator<string> {
  let seen = from ?? publications.last;
  const status = (): string => encodeMessage({ id: seen, event: 'status', data: readStatus() });
  if (from === undefined) {
    const { last, messages } = snapshotOf(publications, isWanted, 'asked');
    yield* messages;
    seen = last;
  }
  let statusDue = AbortSignal.timeout(0);
  while (!signal.aborted) {
    const values = await nextOf(publications, seen, signal);
    if (values === undefined) {
      const { last, messages } = snapshotOf(publications, isWanted, 'id_unknown');
      yield* messages;
      seen = last;
      continue;
    }
    for (const { id, address, json } of values) {
      seen = id;
      if (isWanted(address)) yield encodeMessage({ id, event: 'value', data: json });
    }
    if (statusDue.aborted) {
      yield status();
      const compared = comparison?.poll();
      if (compared !== undefined)
        yield encodeMessage({ id: seen, event: 'comparison', data: compared });
      statusDue = AbortSignal.timeout(STATUS_MS);
    }
    if (values.length === 0) await publications.moved(AbortSignal.any([signal, statusDue]));
  }
}

/** What follows, or nothing for now when the store does not answer: it is asked again. */
async function nextOf(publications: Publications, seen: string, signal: AbortSignal) {
  try {
    return await publications.after(seen);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await pause(RETRY_MS, signal);
    return [];
  }
}

/** All current values: only the last message has an id, so who loses the stream between gets all of them again. */
function snapshotOf(publications: Publications, isWanted: IsWanted, reason: string) {
  const { last, values } = publications.snapshot();
  const wanted = [...values].filter(([address]) => isWanted(address));
  const messages = [
    encodeMessage({ event: 'reset', data: JSON.stringify({ reason }) }),
    ...wanted.map(([, json]) => encodeMessage({ event: 'value', data: json })),
    encodeMessage({ id: last, event: 'ready', data: JSON.stringify({ values: wanted.length }) }),
  ];
  return { last, messages };
}
