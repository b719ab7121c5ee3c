import { CONSUMER_VIEWS, type ConsumerView, type Exports } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import type { HttpServer } from '@kpi/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import type { TenantOf } from './access.ts';
import { type RawParameters, invalid, readInstant, readList, readOne } from './parameters.ts';
import { EXPORT_REFUSALS, KEY_REFUSALS } from './schemas.ts';

export interface ExportOptions {
  readonly exports: Exports;
  readonly tenantOf: TenantOf;
}

/** Exports of one process at a time: each keeps a query of the store busy. */
const EXPORTS_MAX = 4;

const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.file',
} as const;

type Format = keyof typeof MEDIA_TYPES;

const FORMATS: readonly Format[] = ['csv', 'ndjson', 'parquet', 'arrow'];
const PARAMETERS = ['format', 'from', 'to', 'columns'];

const COMMON = { tags: ['export'], security: [{ apiKey: [] }] };

interface DescribedView extends Omit<ConsumerView, 'columns'> {
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly meaning: string;
  }[];
}

const viewsAnswer: z.ZodType<{ readonly views: readonly DescribedView[] }> = z.object({
  views: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      time: z.string().describe('The column that `from` and `to` bound.'),
      columns: z.array(z.object({ name: z.string(), type: z.string(), meaning: z.string() })),
    }),
  ),
});

const text = z.string().optional();
const parameters = z
  .object({
    format: text.describe('`csv` (default), `ndjson`, `parquet` or `arrow`.'),
    from: text.describe('First moment of the time column, RFC 3339 or a date; in the file.'),
    to: text.describe('Last moment of the time column; not in the file.'),
    columns: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Columns in the order wanted, comma-separated; by default all.'),
  })
  .catchall(z.union([z.string(), z.array(z.string())]));

/** `GET /v1/export`: the views and their columns. `GET /v1/export/{view}`: one of them as a file. */
export function registerExports(http: HttpServer, { exports, tenantOf }: ExportOptions): void {
  http.get(
    '/v1/export',
    {
      schema: {
        ...COMMON,
        summary: 'Views that can be exported, column by column',
        response: { 200: viewsAnswer, ...KEY_REFUSALS },
      },
    },
    async (request) => {
      await tenantOf(request);
      return { views: CONSUMER_VIEWS };
    },
  );
  let running = 0;
  http.get('/v1/export/:view', { schema: exportSchema() }, async (request, reply) => {
    const tenantId = await tenantOf(request);
    const view = findView(request.params.view);
    const asked = readExport(view, request.query);
    if (running >= EXPORTS_MAX) {
      throw new Fault('rate_limited', `${EXPORTS_MAX} exports are running; try again later`);
    }
    running += 1;
    const gone = leaving(reply, () => (running -= 1));
    const signal = AbortSignal.any([gone, http.closing]);
    try {
      const file = await exports.open({ view, tenantId, ...asked, signal });
      return await reply
        .type(MEDIA_TYPES[asked.format])
        .header('content-disposition', `attachment; filename="${view.name}.${asked.format}"`)
        .header('cache-control', 'no-store')
        .send(file);
    } catch (error) {
      // Nobody is there to hear why the query was stopped.
      if (gone.aborted) return reply.hijack();
      throw error;
    }
  });
}

/** Aborts when the client is gone or has everything. */
function leaving(reply: FastifyReply, onLeft: () => void): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    onLeft();
    gone.abort();
  });
  return gone.signal;
}

function exportSchema() {
  return {
    ...COMMON,
    summary: 'A view as a file',
    description: [
      'Rows of your tenant in no particular order, read as fast as you take them. The answer begins once the whole result is there, so a failure is never a file that ends early. `from` and `to` bound the time column of the view; rows without that time are only there without bounds. A column whose type ends in `?` may be null.',
      ...CONSUMER_VIEWS.map(describeView),
    ].join('\n\n'),
    params: z.object({
      view: z.string().describe(`One of ${CONSUMER_VIEWS.map(({ name }) => name).join(', ')}.`),
    }),
    querystring: parameters,
    response: {
      200: {
        description: 'The file.',
        content: Object.fromEntries(
          Object.values(MEDIA_TYPES).map((type) => [type, { schema: z.unknown() }]),
        ),
      },
      ...EXPORT_REFUSALS,
    },
  };
}

function describeView({ name, title, time, columns }: ConsumerView): string {
  const rows = columns.map(
    (column) => `| \`${column.name}\` | ${column.type} | ${column.meaning} |`,
  );
  const head = `**${name}**: ${title} Time column: \`${time}\`.`;
  return [head, ['| column | type | meaning |', '|---|---|---|', ...rows].join('\n')].join('\n\n');
}

function findView(name: string): ConsumerView {
  const found = CONSUMER_VIEWS.find((view) => view.name === name);
  if (found !== undefined) return found;
  const names = CONSUMER_VIEWS.map((view) => view.name).join(', ');
  throw new Fault('not_found', `there is no such view; there are ${names}`, {
    path: '/params/view',
  });
}

interface AskedExport {
  readonly format: Format;
  readonly columns: readonly string[];
  readonly from?: number;
  readonly to?: number;
}

function readExport(view: ConsumerView, raw: RawParameters): AskedExport {
  const unknown = Object.keys(raw).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw invalid(unknown, `there is no such parameter here; there are ${PARAMETERS.join(', ')}`);
  }
  const from = readInstant(raw, 'from');
  const to = readInstant(raw, 'to');
  return {
    format: readFormat(raw),
    columns: readColumns(view, raw),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function readFormat(raw: RawParameters): Format {
  const given = readOne(raw, 'format') ?? 'csv';
  const found = FORMATS.find((format) => format === given);
  if (found === undefined) throw invalid('format', `format is one of ${FORMATS.join(', ')}`);
  return found;
}

function readColumns(view: ConsumerView, raw: RawParameters): readonly string[] {
  const known = view.columns.map(({ name }) => name);
  const asked = [...new Set(readList(raw, 'columns'))];
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalid('columns', `${view.name} has the columns ${known.join(', ')}`);
  }
  return asked.length === 0 ? known : asked;
}
