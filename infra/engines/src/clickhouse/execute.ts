import { createWriteStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { limited } from './body.ts';
import { type Engine, type Executed, literal } from './engine.ts';
import { type HostRequest } from './request.ts';
import { type Spool } from './spool.ts';
import {
  type InsertStatement,
  type OutputStatement,
  type Statement,
  readStatement,
} from './statement.ts';

/** One body, decompressed. Larger inserts are several requests. */
const BODY_BYTES_MAX = 1024 ** 3;
/** Statements are text in memory; only the rows of an INSERT stream. Room for long inline VALUES. */
const STATEMENT_BYTES_MAX = 64 * 1024 ** 2;

const CANCEL_SETTING = 'cancel_http_readonly_queries_on_client_close';

/** What a statement answered: in memory, or in a file that exists until `send` returns. */
export interface Answer {
  readonly kind: Statement['kind'];
  readonly format: string;
  readonly executed: Executed;
  readonly file?: string;
}

export interface ExecuteOptions {
  readonly engine: Engine;
  readonly spool: Spool;
  readonly request: HostRequest;
  /** Decompressed. */
  readonly body: AsyncIterable<Buffer>;
  /** Aborts when the client goes away before it has the whole answer. */
  readonly gone: AbortSignal;
  readonly send: (answer: Answer) => Promise<void>;
}

/** Run the statement of a request and send its answer. Throws the engine's error, or a Refusal. */
export async function execute(options: ExecuteOptions): Promise<void> {
  const { request, body, spool } = options;
  const fromUrl = insertOf(request);
  const sql =
    fromUrl === undefined
      ? request.query + (await text(limited(body, STATEMENT_BYTES_MAX)))
      : request.query;
  const statement = fromUrl ?? readStatement(sql, request.defaultFormat);
  switch (statement.kind) {
    case 'insert': {
      const rows = rowsOf(sql.slice(statement.dataStart), fromUrl === undefined ? undefined : body);
      return spool.lend((path) => insert(options, { statement, rows, path }));
    }
    case 'output':
      return spool.lend((path) => output(options, statement, path));
    case 'other': {
      const executed = await options.engine.run(statement.text, request);
      return options.send({ kind: 'other', format: request.defaultFormat, executed });
    }
  }
}

/** The INSERT in the URL whose rows are the body, or undefined when the body is (the rest of) the statement. */
function insertOf({ query, defaultFormat }: HostRequest): InsertStatement | undefined {
  if (!/^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*INSERT\b/i.test(query)) return undefined;
  const statement = readStatement(query, defaultFormat);
  return statement.kind === 'insert' ? statement : undefined;
}

/** Rows that follow the statement in the text, then those of the body. */
async function* rowsOf(
  inline: string,
  body: AsyncIterable<Buffer> | undefined,
): AsyncGenerator<Buffer, void> {
  const rows = inline.replace(/^[ \t\f]*\r?\n?/, '');
  if (rows !== '') yield Buffer.from(rows);
  if (body !== undefined) yield* body;
}

interface InsertWork {
  readonly statement: InsertStatement;
  readonly rows: AsyncIterable<Buffer>;
  readonly path: string;
}

async function insert(options: ExecuteOptions, work: InsertWork): Promise<void> {
  const { into, settings, format } = work.statement;
  await pipeline(limited(work.rows, BODY_BYTES_MAX), createWriteStream(work.path));
  const sql = `${into}\nFROM INFILE ${literal(work.path)}\n${settings}\nFORMAT ${format}`;
  const executed = await options.engine.run(sql, options.request);
  await options.send({ kind: 'insert', format, executed });
}

async function output(
  options: ExecuteOptions,
  { query, format, settings }: OutputStatement,
  file: string,
): Promise<void> {
  const sql = `${query}\nINTO OUTFILE ${literal(file)} FORMAT ${format} ${settings}`;
  const executed = await untilGone(options, () => options.engine.run(sql, options.request));
  await options.send({ kind: 'output', format, executed, file });
}

/** As a server does: a query whose client has gone is stopped, when its request asks for that. */
async function untilGone<Result>(
  { engine, request, gone }: ExecuteOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  if (request.settings.get(CANCEL_SETTING) !== '1') return work();
  gone.throwIfAborted();
  // Whether it is there to be stopped or has just ended, the client hears nothing of it any more.
  const cancel = (): void => void engine.cancel(request.queryId).catch(() => undefined);
  gone.addEventListener('abort', cancel);
  try {
    return await work();
  } finally {
    gone.removeEventListener('abort', cancel);
  }
}
