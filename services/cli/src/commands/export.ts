import { z } from 'zod';

import { createHttpClient, getJson } from '../client/http.ts';
import type { CliContext } from '../context.ts';
import { createByteProgress } from '../export/byte-progress.ts';
import { download } from '../export/download.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { formatCount, formatTable, report, writeLine } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

interface ExportFlags {
  readonly format?: string;
  readonly columns?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
}

const EXAMPLES = [
  'kpi export',
  'kpi export kpi_daily --format parquet --out kpi_daily.parquet',
  'kpi export course_runs --columns user_id,course_id,completed_at --from 2026-01-01 > runs.csv',
];

/** `kpi export`: a view for consumers as a file; without a view, what there is. */
export const addExport: AddCommand = (program, { context }) => {
  const command = program
    .command('export')
    .description('a view for consumers as Parquet, Arrow, CSV or NDJSON')
    .argument('[view]', 'name of the view; without it, all views and their columns')
    .option('--format <format>', 'csv (default), ndjson, parquet, arrow')
    .option('--columns <names>', 'columns in the order wanted, comma-separated')
    .option('--from <time>', 'first moment of the time column (RFC 3339, or a day)')
    .option('--to <time>', 'last moment of the time column; not in the file')
    .option('-o, --out <file>', 'where to; by default standard output')
    .action((view: string | undefined) => {
      const flags = command.optsWithGlobals<ExportFlags & GlobalFlags>();
      return view === undefined ? listViews(flags, context) : exportView(view, flags, context);
    });
  withExamples(command, EXAMPLES);
};

const views = z.object({
  views: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      time: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string(), meaning: z.string() })),
    }),
  ),
});

async function listViews(flags: GlobalFlags, context: CliContext): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const { answer, json } = await getJson(client, { path: '/v1/export' }, views);
  report(context, flags.json, {
    json,
    text: () =>
      answer.views
        .map(({ name, title, time, columns }) => {
          const rows = columns.map((column) => [column.name, column.type, column.meaning]);
          const table = formatTable({ head: ['column', 'type', 'meaning'], rows });
          return `${name}: ${title} --from and --to bound ${time}.\n${table}`;
        })
        .join('\n\n'),
  });
}

async function exportView(
  view: string,
  flags: ExportFlags & GlobalFlags,
  context: CliContext,
): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const { format, columns, from, to, out: path } = flags;
  const { signal, out, err, clock } = context;
  const body = await client.open({
    path: `/v1/export/${encodeURIComponent(view)}`,
    query: { format, columns, from, to },
    signal,
  });
  const progress = createByteProgress(err, clock);
  try {
    const bytes = await download(body, { path, out, signal, onProgress: progress.update });
    progress.close();
    if (path === undefined) return;
    if (flags.json === true)
      report(context, true, { json: { view, file: path, bytes }, text: () => '' });
    else writeLine(err, `${path}: ${formatCount(bytes)} bytes`);
  } finally {
    progress.close();
  }
}
