import { Fault } from '@kpi/core';
import { type DeadLetterBox, type DeadLetterSink } from '@kpi/kafka';
import { type ApiKeys } from '@kpi/redis';
import { type HttpServer, isLocalName, type Logger } from '@kpi/runtime';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';

import { BATCH_EVENTS_MAX } from '../request-body.ts';
import { type ReplayOutcome, type Replayer } from './replay.ts';
import { type LetterOwner, formatCursor, isOwn, parseCursor, selectPage } from './select.ts';
import { showWhole, summarise } from './summary.ts';

export interface DeadLetterRouteOptions {
  readonly box: Pick<DeadLetterBox, 'read'>;
  readonly letters: DeadLetterSink;
  readonly replayer: Replayer;
  readonly keys: ApiKeys;
  /** The tenant that deals with letters of which nobody knows whose they are. */
  readonly operatorTenant: string;
  /** Whether requests without a key may only come by a name of this machine. */
  readonly isLocalOnly: boolean;
  readonly log: Logger;
}

/** Letters of one request. Each replay is a round trip to the brokers. */
const LETTERS_MAX = 100;

const ids = z.array(z.string().min(1).max(64)).min(1).max(LETTERS_MAX);
const time = z.iso.datetime({ offset: true }).optional();
const name = z.string().max(200).optional();

const filters = z.strictObject({
  reason: name.describe('Fault code, such as `event_invalid`.'),
  source: name,
  event_type: name,
  from: time.describe('Refused at or after, RFC 3339.'),
  to: time.describe('Refused before, RFC 3339.'),
  cursor: z.string().max(40).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(LETTERS_MAX).default(LETTERS_MAX),
});

const replayBody = z.strictObject({
  letters: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(64),
        events: z
          .array(z.unknown())
          .min(1)
          .max(BATCH_EVENTS_MAX)
          .optional()
          .describe('Canonical events in place of what was refused; absent: its own bytes.'),
      }),
    )
    .min(1)
    .max(LETTERS_MAX),
});

const COMMON = { tags: ['dead letters'], security: [{ apiKey: [] }] };

/** What became of one letter of a request. `missing`: replayed or dropped before, or never there. */
type LetterResult = { readonly id: string } & (ReplayOutcome | { readonly outcome: 'missing' });

/** `/v1/dead-letters`: list, show, replay, drop. All need the scope `admin`. */
export function registerDeadLetters(http: HttpServer, options: DeadLetterRouteOptions): void {
  registerReading(http, options);
  registerReplay(http, options);
  registerDrop(http, options);
}

function registerReading(http: HttpServer, options: DeadLetterRouteOptions): void {
  http.get(
    '/v1/dead-letters',
    {
      schema: {
        ...COMMON,
        summary: 'Refused events, oldest first',
        description:
          'Without anything that the events said: `/v1/dead-letters/{id}` shows one in whole.',
        querystring: filters,
      },
    },
    async (request) => {
      const owner = await ownerOf(request, options);
      const { cursor, limit, reason, source, event_type: eventType, from, to } = request.query;
      const letters = await options.box.read();
      const page = selectPage(letters, {
        owner,
        limit,
        cursor: cursor === undefined ? undefined : requireCursor(cursor),
        filter: {
          ...(reason === undefined ? {} : { reason }),
          ...(source === undefined ? {} : { source }),
          ...(eventType === undefined ? {} : { eventType }),
          ...(from === undefined ? {} : { from: Date.parse(from) }),
          ...(to === undefined ? {} : { to: Date.parse(to) }),
        },
      });
      return {
        letters: page.letters.map(summarise),
        total: page.total,
        by_reason: page.byReason,
        next: page.next === undefined ? null : formatCursor(page.next),
        unheld: letters.unheld,
      };
    },
  );
  http.get(
    '/v1/dead-letters/:id',
    {
      schema: {
        ...COMMON,
        summary: 'One refused event in whole, and how it can be replayed',
        params: z.object({ id: z.string() }),
      },
    },
    async (request) => {
      const owner = await ownerOf(request, options);
      const { id } = request.params;
      const letter = (await options.box.read()).held.get(id)?.open();
      if (letter === undefined || !isOwn(letter, owner)) {
        throw new Fault('not_found', `there is no dead letter ${id}`, { path: '/params/id' });
      }
      return showWhole(letter);
    },
  );
}

function registerReplay(http: HttpServer, options: DeadLetterRouteOptions): void {
  http.post(
    '/v1/dead-letters/replay',
    {
      schema: {
        ...COMMON,
        summary: 'Send refused events again',
        description:
          'In order. Each is published and then removed; repeating the request, also after a crash, changes nothing that went through. What is refused again stays, with its new reason and one more attempt. 503: those before it are done; send the request again.',
        body: replayBody,
      },
    },
    async (request) => {
      const owner = await ownerOf(request, options);
      const { held } = await options.box.read();
      const results: LetterResult[] = [];
      for (const { id, events } of request.body.letters) {
        const letter = held.get(id)?.open();
        if (letter === undefined || !isOwn(letter, owner)) {
          results.push({ id, outcome: 'missing' });
          continue;
        }
        const replacement = events === undefined ? {} : { events };
        const { tenantId } = owner;
        const result = await options.replayer.replay({ letter, tenantId, ...replacement });
        results.push({ id, ...result });
        if (result.outcome === 'refused') {
          const { code, attempts } = result;
          options.log.warn({ id, code, attempts }, 'a dead letter was refused again');
        }
      }
      return { results };
    },
  );
}

function registerDrop(http: HttpServer, options: DeadLetterRouteOptions): void {
  http.post(
    '/v1/dead-letters/drop',
    {
      schema: {
        ...COMMON,
        summary: 'Remove refused events for good',
        body: z.strictObject({ ids }),
      },
    },
    async (request) => {
      const owner = await ownerOf(request, options);
      const { held } = await options.box.read();
      const isThere = (id: string): boolean => {
        const letter = held.get(id)?.open();
        return letter !== undefined && isOwn(letter, owner);
      };
      const dropped = [...new Set(request.body.ids)].filter(isThere);
      await options.letters.drop(dropped);
      options.log.info({ letters: dropped.length }, 'dead letters dropped');
      return { dropped, missing: request.body.ids.filter((id) => !dropped.includes(id)) };
    },
  );
}

async function ownerOf(
  { headers }: FastifyRequest,
  { keys, operatorTenant, isLocalOnly }: DeadLetterRouteOptions,
): Promise<LetterOwner> {
  const tenant = headers['kpi-tenant'];
  const { tenantId, keyId } = await keys.authenticate(
    {
      authorization: headers.authorization,
      tenant: typeof tenant === 'string' ? tenant : undefined,
    },
    'admin',
  );
  if (keyId === null && isLocalOnly && !isLocalName(headers.host)) {
    throw new Fault('key_missing', 'without a key, ask for localhost');
  }
  return { tenantId, ownsStray: tenantId === operatorTenant };
}

function requireCursor(text: string) {
  const cursor = parseCursor(text);
  if (cursor !== undefined) return cursor;
  throw new Fault('parameter_invalid', 'cursor is the `next` of a page before', {
    path: '/query/cursor',
  });
}
