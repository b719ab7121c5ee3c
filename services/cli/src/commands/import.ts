import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Fault, parseDuration } from '@kpi/core';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { createHttpClient } from '../client/http.ts';
import { EXIT } from '../exit-code.ts';
import { resolveFiles } from '../import/files.ts';
import { planEvents, planMapping } from '../import/plan.ts';
import { openRejects } from '../import/rejects.ts';
import { runImport } from '../import/run-import.ts';
import {
  formatImport,
  formatRehearsal,
  importJson,
  isClean,
  rehearsalJson,
} from '../import/summary.ts';
import { Interrupted } from '../interrupted.ts';
import { readMapping } from '../mapping/read-mapping.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { report } from '../output.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

interface ImportFlags {
  readonly mapping?: string;
  readonly dryRun?: boolean;
  readonly limit?: number;
  readonly resume: boolean;
  readonly batch: number;
  readonly concurrency: number;
  readonly rejects?: string;
  readonly retryFor: number;
}

/** A batch is one request; ingest takes at most this many events in one. */
const BATCH_EVENTS_MAX = 1_000;
const CONCURRENCY_MAX = 32;

const HELP = `
Without --mapping each line of each FILE is one event as POST /v1/events takes it. A FILE may be a folder
(all files in it that the mapping mentions) or - for standard input (events only).

With --mapping the YAML file says how rows of CSV or NDJSON become events; services/cli/MAPPING.md is the
reference. Its shape:

  version: 1
  source: academy                       # the source of all events
  lookups:                              # files held in memory, joined by key
    people: { file: people.csv, key: [person] }
  inputs:
    - file: results.csv                 # or a pattern, results-*.csv
      join: [{ lookup: people }]        # its columns are people.<column>
      let:                              # computed once per row
        start: { date: '{year}-09-01' }
      skip:
        - { when: { score: { present: false } }, because: not graded }
      events:
        - type: lms.assessment_submitted
          when: { kind: [exam, quiz] }
          id: '{course}:{person}:{test}'          # natural keys, so that importing twice changes nothing
          occurred_at: { days: '{day}', after: '{start}' }
          user_id: '{people.login}'
          properties:
            score_scaled: { number: '{score}', divided_by: 100 }
            passed: { test: { score: { at_least: 50 } } }

Ctrl-C finishes what was sent; the same command continues. Importing again is harmless.`;

const EXAMPLES = [
  'kpi import events.ndjson',
  'kpi import data/oulad --mapping services/cli/mappings/oulad.yaml --dry-run',
  'kpi import data/oulad --mapping services/cli/mappings/oulad.yaml --rejects refused.ndjson',
  'gunzip -c events.ndjson.gz | kpi import -',
];

/** `kpi import`: files to events, through ingest like any client. */
export const addImport: AddCommand = (program, setting) => {
  const command = program
    .command('import')
    .description('send the rows of files as events')
    .argument('<file...>', 'files, folders, or - for standard input')
    .option('-m, --mapping <file>', 'how rows become events (YAML)')
    .option('-n, --dry-run', 'read, map and check everything; send nothing')
    .option('--limit <rows>', 'take only the first rows of each file', integer(1))
    .option('--no-resume', 'begin at the start even if an earlier run was interrupted')
    .option('--batch <events>', 'events per request', integer(1, BATCH_EVENTS_MAX), 500)
    .option('--concurrency <n>', 'requests at a time', integer(1, CONCURRENCY_MAX), 4)
    .option('--rejects <file>', 'write every refused row and event there as NDJSON')
    .addOption(
      new Option('--retry-for <duration>', 'how long to wait for ingest to come back')
        .argParser(duration)
        .default(300_000, '5m'),
    )
    .addHelpText('after', HELP)
    .action((paths: readonly string[]) => importFiles(paths, command, setting));
  withExamples(command, EXAMPLES);
};

async function importFiles(
  paths: readonly string[],
  command: Command,
  setting: CommandSetting,
): Promise<void> {
  const flags = command.optsWithGlobals<ImportFlags & GlobalFlags>();
  const { context } = setting;
  const files = await resolveFiles(paths, context.stdin);
  const mappingText = flags.mapping === undefined ? undefined : await readText(flags.mapping);
  const inputs =
    mappingText === undefined || flags.mapping === undefined
      ? planEvents(files)
      : await planMapping(readMapping(mappingText, basename(flags.mapping)), files);
  const planned = { files, inputs, mappingText };
  const isGood = await (flags.dryRun === true
    ? rehearseImport(planned, flags, setting)
    : sendImport(planned, flags, setting));
  if (!isGood) setting.setExitCode(EXIT.differences);
}

type Planned = Pick<Parameters<typeof runImport>[0], 'files' | 'inputs' | 'mappingText'>;

async function rehearseImport(
  { inputs }: Planned,
  flags: ImportFlags & GlobalFlags,
  { context }: CommandSetting,
): Promise<boolean> {
  // The schemas take a moment to load; only a rehearsal needs them.
  const { rehearse } = await import('../import/rehearse.ts');
  const rejects = await openRejects(flags.rejects, false);
  const { signal } = context;
  const rehearsal = await rehearse(inputs, { rowsMax: flags.limit, rejects, signal });
  await rejects.close();
  if (signal.aborted) throw new Interrupted('stopped; nothing was sent');
  report(context, flags.json, {
    json: rehearsalJson(rehearsal, rejects.first),
    text: () => formatRehearsal(rehearsal, rejects.first),
  });
  return isClean(rehearsal.tally);
}

async function sendImport(
  planned: Planned,
  flags: ImportFlags & GlobalFlags,
  { context }: CommandSetting,
): Promise<boolean> {
  const config = readCliConfig(context.environment, flags);
  const request = {
    ...planned,
    tenant: config.KPI_TENANT,
    eventsPerBatch: flags.batch,
    concurrency: flags.concurrency,
    rowsMax: flags.limit,
    isResumed: flags.resume,
    dataFolder: config.KPI_DATA_DIR,
    rejectsPath: flags.rejects,
    retryMsMax: flags.retryFor,
  };
  const result = await runImport(request, context, createHttpClient(config));
  report(context, flags.json, { json: importJson(result), text: () => formatImport(result) });
  return isClean(result.tally);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('not_found', `there is no mapping file ${path}`, { cause: error });
  }
}

function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    const upTo = max === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${max}`;
    throw new InvalidArgumentError(`It must be a whole number, ${min}${upTo}.`);
  };
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as 10m or 2h.');
  return ms;
}
