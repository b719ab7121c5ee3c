import { createReadStream } from 'node:fs';
import { type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { type Answer } from './execute.ts';
import { type Failure } from './failure.ts';
import { type HostRequest } from './request.ts';

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^JSON.*EachRow/i, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/i, 'application/json; charset=UTF-8'],
  [/^(TSV|TabSeparated)/i, 'text/tab-separated-values; charset=UTF-8'],
  [/^CSV/i, 'text/csv; charset=UTF-8; header=absent'],
  [/^(Native|RowBinary|Parquet|Arrow|Avro|ORC)/i, 'application/octet-stream'],
];

/** Send rows with the headers ClickHouse sends. The whole result exists, so no error can come after the first byte. */
export async function respond(
  response: ServerResponse,
  request: HostRequest,
  answer: Answer,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader('X-ClickHouse-Query-Id', request.queryId);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summaryOf(answer)));
  response.setHeader('X-ClickHouse-Format', answer.format);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader('Content-Type', contentType(answer.format));
  const rows =
    answer.file === undefined
      ? Readable.from([answer.executed.output], { objectMode: false })
      : createReadStream(answer.file);
  if (!request.mayAnswerGzip) return pipeline(rows, response);
  response.setHeader('Content-Encoding', 'gzip');
  return pipeline(rows, createGzip(), response);
}

/** Send an error as ClickHouse does: status, code in a header, text in the body. */
export function respondFailure(
  response: ServerResponse,
  queryId: string | undefined,
  failure: Failure,
): void {
  if (queryId !== undefined) response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Exception-Code', String(failure.code));
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.writeHead(failure.status);
  response.end(failure.text);
}

function contentType(format: string): string {
  return CONTENT_TYPES.find(([name]) => name.test(format))?.[1] ?? 'text/plain; charset=UTF-8';
}

/** Numbers are strings there, as they are 64 bits wide. */
function summaryOf({ kind, executed }: Answer): Readonly<Record<string, string>> {
  const { rows, bytes, elapsedNs } = executed;
  const written = kind === 'insert' ? rows : 0;
  return {
    read_rows: String(rows),
    read_bytes: String(bytes),
    written_rows: String(written),
    written_bytes: String(kind === 'insert' ? bytes : 0),
    total_rows_to_read: '0',
    result_rows: String(written),
    result_bytes: String(kind === 'insert' ? bytes : 0),
    elapsed_ns: String(elapsedNs),
  };
}
