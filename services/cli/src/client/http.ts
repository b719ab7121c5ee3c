import { Fault } from '@kpi/core';
import { z } from 'zod';

import { Interrupted } from '../interrupted.ts';
import type { CliConfig } from '../options.ts';
import { RequestRefused } from './request-refused.ts';

/** An answer with its body read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Seconds that the server asks to wait before the next try; undefined when it does not say. */
  readonly retryAfterS: number | undefined;
  readonly body: string;
}

/** Requests to the API and to ingest, with the caller's key and tenant. */
export interface HttpClient {
  readonly url: string;
  /** Any answer, whatever its status. Throws a Fault `service_unreachable` when there is none in time. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** GET something large, as bytes that are read as they come. Throws what is refused, and `service_unreachable`. */
  open(request: OpenRequest): Promise<AsyncIterable<Uint8Array>>;
  /** GET something that does not end, as it comes, until the abort. Throws as {@link HttpClient.open}. */
  follow(request: FollowRequest): Promise<ReadableStream<Uint8Array>>;
}

interface FollowRequest extends Pick<HttpRequest, 'path' | 'query'> {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface OpenRequest extends Pick<HttpRequest, 'path' | 'query'> {
  readonly signal: AbortSignal;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** JSON text. */
  readonly body?: string;
}

/** Longer than any answer the services promise; a request without an answer by then failed. */
const ANSWER_MS_MAX = 30_000;

/** The whole of something large, from the question to the last byte. */
const OPEN_MS_MAX = 3_600_000;

export function createHttpClient(
  config: Pick<CliConfig, 'KPI_URL' | 'KPI_API_KEY' | 'KPI_TENANT'>,
): HttpClient {
  const base = config.KPI_URL.replace(/\/+$/, '');
  const headers = {
    ...(config.KPI_API_KEY === undefined ? {} : { authorization: `Bearer ${config.KPI_API_KEY}` }),
    ...(config.KPI_TENANT === undefined ? {} : { 'kpi-tenant': config.KPI_TENANT }),
  };
  return {
    url: base,
    async send({ method, path, query, body }) {
      const init = {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        ...(body === undefined ? {} : { body }),
      };
      try {
        const response = await fetch(`${base}${path}${formatQuery(query)}`, init);
        const retryAfterS = readRetryAfter(response.headers.get('retry-after'));
        return { status: response.status, retryAfterS, body: await response.text() };
      } catch (error) {
        throw unreachable(base, error);
      }
    },
    async follow({ path, query, headers: more, signal }) {
      const response = await fetch(`${base}${path}${formatQuery(query)}`, {
        headers: { ...headers, ...more },
        signal,
      }).catch((error: unknown) => {
        throw unreachable(base, error);
      });
      if (response.status === 200 && response.body !== null) return response.body;
      const { status } = response;
      throw refusalOf({ status, retryAfterS: undefined, body: await response.text() });
    },
    async open({ path, query, signal }) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS_MAX)]);
      const init = { headers, signal: limited };
      const response = await fetch(`${base}${path}${formatQuery(query)}`, init).catch(
        (error: unknown) => {
          throw signal.aborted ? new Interrupted('stopped') : unreachable(base, error);
        },
      );
      const { status, body } = response;
      if (status === 200 && body !== null) return body;
      throw refusalOf({ status, retryAfterS: undefined, body: await response.text() });
    },
  };
}

function unreachable(base: string, error: unknown): Fault {
  return new Fault('service_unreachable', `${base} does not answer (${causeOf(error)})`, {
    cause: error,
  });
}

/** An answer as it is understood, and as it came. */
export interface Received<Answer> {
  readonly answer: Answer;
  /** The whole JSON document, for programs. */
  readonly json: unknown;
}

/** GET a path and read its JSON. Throws {@link RequestRefused} when the API says no. */
export async function getJson<Answer>(
  client: HttpClient,
  request: Pick<HttpRequest, 'path' | 'query'>,
  answer: z.ZodType<Answer>,
): Promise<Received<Answer>> {
  const received = await client.send({ method: 'GET', ...request });
  if (received.status !== 200) throw refusalOf(received);
  return { answer: readAnswer(received, answer), json: parseJson(received.body) };
}

/** The body as JSON of the expected form. Anything else means that something other than the API answers there. */
export function readAnswer<Answer>(received: HttpAnswer, answer: z.ZodType<Answer>): Answer {
  const result = answer.safeParse(parseJson(received.body));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
  throw new RequestRefused(
    received.status,
    'answer_unknown',
    `the answer has an unknown form${where}`,
  );
}

const problem = z.object({ code: z.string(), detail: z.string() });

/** What an answer that is no success says, as an error to throw. */
export function refusalOf({ status, body }: HttpAnswer): RequestRefused {
  const result = problem.safeParse(parseJson(body));
  return result.success
    ? new RequestRefused(status, result.data.code, result.data.detail)
    : new RequestRefused(status, `http_${status}`, 'the answer is not from a KPI Stream service');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function formatQuery(query: HttpRequest['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

function readRetryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

/** fetch hides the reason in a chain of causes; the innermost one says `connect ECONNREFUSED …`. */
function causeOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  return inner instanceof Error ? inner.message : String(inner);
}
