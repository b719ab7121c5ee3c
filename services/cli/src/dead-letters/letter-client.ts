import { z } from 'zod';

import { type HttpClient, getJson, readAnswer, refusalOf } from '../client/http.ts';

const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('http') }),
  z.object({ kind: z.literal('import') }),
  z.object({
    kind: z.literal('topic'),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
  }),
]);

const summary = z.object({
  id: z.string(),
  reason: z.string(),
  path: z.string().nullable(),
  origin,
  source: z.string().nullable(),
  event_type: z.string().nullable(),
  refused_at: z.string(),
  attempts: z.int(),
  last_attempt_at: z.string().nullable(),
});

const page = z.object({
  letters: z.array(summary),
  total: z.int(),
  by_reason: z.record(z.string(), z.int()),
  next: z.string().nullable(),
  unheld: z.int(),
});

const whole = summary.extend({
  message: z.string(),
  event_id: z.string().nullable(),
  tenant_id: z.string().nullable(),
  content_type: z.string(),
  body: z.string(),
  text: z.string().nullable(),
  hint: z.string(),
});

const result = z.discriminatedUnion('outcome', [
  z.object({ id: z.string(), outcome: z.literal('replayed'), events: z.int() }),
  z.object({
    id: z.string(),
    outcome: z.literal('refused'),
    code: z.string(),
    message: z.string(),
    path: z.string().nullable(),
    attempts: z.int(),
  }),
  z.object({ id: z.string(), outcome: z.literal('missing') }),
]);

const results = z.object({ results: z.array(result) });
const dropped = z.object({ dropped: z.array(z.string()), missing: z.array(z.string()) });

export type LetterPage = z.infer<typeof page>;
export type WholeLetter = z.infer<typeof whole>;
export type ReplayResult = z.infer<typeof result>;

/** Which letters; names are those of the API. */
export interface LetterFilters {
  readonly reason?: string;
  readonly source?: string;
  readonly event_type?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A letter to send again, with canonical events in its place where it is corrected. */
export interface LetterToReplay {
  readonly id: string;
  readonly events?: readonly unknown[];
}

const PATH = '/v1/dead-letters';

/** The dead letters of a tenant, over HTTP. Throws what the API refuses, and `service_unreachable`. */
export function createLetterClient(client: HttpClient) {
  const post = async <Answer>(
    action: 'replay' | 'drop',
    body: unknown,
    answer: z.ZodType<Answer>,
  ): Promise<Answer> => {
    const path = `${PATH}/${action}`;
    const received = await client.send({ method: 'POST', path, body: JSON.stringify(body) });
    if (received.status !== 200) throw refusalOf(received);
    return readAnswer(received, answer);
  };
  return {
    async list(filters: LetterFilters, at: { readonly cursor?: string; readonly limit: number }) {
      const query = { ...filters, cursor: at.cursor, limit: String(at.limit) };
      return (await getJson(client, { path: PATH, query }, page)).answer;
    },
    async show(id: string) {
      return (await getJson(client, { path: `${PATH}/${encodeURIComponent(id)}` }, whole)).answer;
    },
    async replay(letters: readonly LetterToReplay[]) {
      return (await post('replay', { letters }, results)).results;
    },
    drop: (ids: readonly string[]) => post('drop', { ids }, dropped),
  };
}

export type LetterClient = ReturnType<typeof createLetterClient>;
