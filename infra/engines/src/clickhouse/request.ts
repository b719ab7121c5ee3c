import { randomUUID } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

import { Refusal } from './failure.ts';

/** A request of ClickHouse's HTTP interface, read from its URL and headers. The body is still to come. */
export interface HostRequest {
  /** The statement, or its first part; the body goes on. */
  readonly query: string;
  readonly queryId: string;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  /** Query parameters as escaped text, without the `param_` of their names. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** GET must not change anything. */
  readonly isReadOnly: boolean;
  readonly isBodyGzip: boolean;
  readonly mayAnswerGzip: boolean;
}

/** Names in the URL that are not settings. Users do not matter: the host listens on loopback for one user. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'buffer_size',
  // Every result is complete before the first byte of the answer leaves.
  'wait_end_of_query',
  'enable_http_compression',
]);
const UNSUPPORTED = ['session_id', 'compress', 'decompress'] as const;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PARAMETER_PREFIX = 'param_';

/** Read URL and headers. Throws a Refusal for names that are none and for what the host cannot do. */
export function readRequest(message: IncomingMessage): HostRequest {
  const { searchParams: url } = new URL(message.url ?? '/', 'http://localhost');
  refuseUnsupported(url);
  return {
    query: url.get('query') ?? '',
    queryId: url.get('query_id') ?? randomUUID(),
    database: url.get('database') ?? header(message, 'x-clickhouse-database'),
    defaultFormat:
      url.get('default_format') ?? header(message, 'x-clickhouse-format') ?? 'TabSeparated',
    parameters: named(url, (name) =>
      name.startsWith(PARAMETER_PREFIX) ? name.slice(PARAMETER_PREFIX.length) : undefined,
    ),
    settings: named(url, (name) =>
      name.startsWith(PARAMETER_PREFIX) || NOT_SETTINGS.has(name) ? undefined : name,
    ),
    isReadOnly: message.method === 'GET',
    isBodyGzip: isGzip(header(message, 'content-encoding')),
    mayAnswerGzip:
      url.get('enable_http_compression') === '1' &&
      (header(message, 'accept-encoding') ?? '').includes('gzip'),
  };
}

function named(
  url: URLSearchParams,
  nameOf: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [key, value] of url) {
    const name = nameOf(key);
    if (name === undefined) continue;
    if (!NAME.test(name)) throw new Refusal('BAD_ARGUMENTS', `'${key}' is not a name`);
    result.set(name, value);
  }
  return result;
}

function refuseUnsupported(url: URLSearchParams): void {
  const name = UNSUPPORTED.find((one) => !['', '0'].includes(url.get(one) ?? ''));
  if (name !== undefined) throw new Refusal('NOT_IMPLEMENTED', `${name} is not supported here`);
}

function isGzip(encoding: string | undefined): boolean {
  if (encoding === undefined || encoding === 'identity') return false;
  if (encoding === 'gzip') return true;
  throw new Refusal('NOT_IMPLEMENTED', `Content-Encoding ${encoding} is not supported here`);
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return typeof value === 'string' ? value : undefined;
}
