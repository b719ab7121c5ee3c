import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Fault } from '@kpi/core';
import { type Command, InvalidArgumentError } from 'commander';

import { createHttpClient } from '../client/http.ts';
import type { CliContext } from '../context.ts';
import {
  type Edit,
  type FieldEdit,
  editFields,
  mapLetter,
  parseSet,
  parseUnset,
  replaceBy,
} from '../dead-letters/edit.ts';
import {
  formatDrop,
  formatLetter,
  formatPage,
  formatReplay,
  replayJson,
} from '../dead-letters/format-letters.ts';
import { type LetterFilters, createLetterClient } from '../dead-letters/letter-client.ts';
import {
  type LetterChoice,
  type PassOptions,
  dropLetters,
  replayLetters,
} from '../dead-letters/replay-letters.ts';
import { EXIT } from '../exit-code.ts';
import { readMapping } from '../mapping/read-mapping.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { report } from '../output.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

interface FilterFlags {
  readonly reason?: string;
  readonly source?: string;
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
}

type ChoiceFlags = FilterFlags & { readonly all?: boolean };

interface ReplayFlags extends ChoiceFlags {
  readonly set?: readonly FieldEdit[];
  readonly unset?: readonly FieldEdit[];
  readonly map?: string;
  readonly event?: string;
}

const LIMIT_MAX = 100;

const HELP = `
A letter is replayed as it is, after the cause is gone, or changed on the way:
  --set properties.score=5      a field of the event; the value is JSON, or else text. Repeatable
  --unset acount_id             a field less. Repeatable
  --map mapping.yaml            the event read as a row of the mapping's one input (services/cli/MAPPING.md)
  --event event.json            this event (or list of events) in place of one letter, whatever it holds

Each letter is published, then removed; whatever stops it between the two, replaying again counts nothing twice, because the
events have the same ids. A letter that is refused again stays, with its new reason and one more attempt: the command says so
and ends with 3.`;

/** `kpi dead-letters`: refused events and the way back. */
export const addDeadLetters: AddCommand = (program, setting) => {
  const letters = program
    .command('dead-letters')
    .description('refused events: list, show, replay, drop (scope admin)');
  addList(letters, setting);
  addShow(letters, setting);
  addReplay(letters, setting);
  addDrop(letters, setting);
  withExamples(letters, [
    'kpi dead-letters --reason event_invalid',
    'kpi dead-letters show 4c0e6ad5d3b1f2a98877665544332211',
    'kpi dead-letters replay --reason schema_unknown',
    'kpi dead-letters replay 4c0e6ad5d3b1f2a98877665544332211 --set properties.score=5',
    'kpi dead-letters replay --source survey --map fixed.yaml',
    'kpi dead-letters drop --source loadtest',
  ]);
};

function addList(letters: Command, { context }: CommandSetting): void {
  const list = withFilters(letters.command('list', { isDefault: true }))
    .description('letters, oldest first, without what the events said')
    .option('--limit <letters>', `letters of a page, at most ${LIMIT_MAX}`, limit, LIMIT_MAX)
    .option('--cursor <cursor>', 'the page after this one')
    .action(async () => {
      const flags = list.optsWithGlobals<FilterFlags & GlobalFlags & PageFlags>();
      const at = {
        limit: flags.limit,
        ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
      };
      const page = await clientOf(flags, context).list(filtersOf(flags), at);
      report(context, flags.json, { json: page, text: () => formatPage(page) });
    });
}

interface PageFlags {
  readonly limit: number;
  readonly cursor?: string;
}

function addShow(letters: Command, { context }: CommandSetting): void {
  const show = letters
    .command('show')
    .description('one letter in whole, and how it can be replayed')
    .argument('<id>', 'id of the letter')
    .action(async (id: string) => {
      const flags = show.optsWithGlobals<GlobalFlags>();
      const letter = await clientOf(flags, context).show(id);
      report(context, flags.json, { json: letter, text: () => formatLetter(letter) });
    });
}

function addReplay(letters: Command, setting: CommandSetting): void {
  const replay = withFilters(letters.command('replay'))
    .description('send letters again: by id, all that fit, or --all')
    .argument('[id...]', 'ids of letters')
    .option('--all', 'every letter')
    .option('--set <field=value>', 'change a field', gatherSet)
    .option('--unset <field>', 'leave a field out', gatherUnset)
    .option('--map <file>', 'read each event as a row of a mapping')
    .option('--event <file>', 'send this instead')
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[]) => {
      const flags = replay.optsWithGlobals<ReplayFlags & GlobalFlags>();
      const choice = choose(ids, flags);
      const edit = await editOf(flags, choice);
      const results = await pass(flags, setting.context, (options) =>
        replayLetters(choice, edit, options),
      );
      if (results.some(({ outcome }) => outcome !== 'replayed')) {
        setting.setExitCode(EXIT.differences);
      }
      report(setting.context, flags.json, {
        json: replayJson(results),
        text: () => formatReplay(results),
      });
    });
}

function addDrop(letters: Command, setting: CommandSetting): void {
  const drop = withFilters(letters.command('drop'))
    .description('remove letters for good: by id, all that fit, or --all')
    .argument('[id...]', 'ids of letters')
    .option('--all', 'every letter')
    .action(async (ids: readonly string[]) => {
      const flags = drop.optsWithGlobals<ChoiceFlags & GlobalFlags>();
      const choice = choose(ids, flags);
      const answer = await pass(flags, setting.context, (options) => dropLetters(choice, options));
      if (answer.missing.length > 0) setting.setExitCode(EXIT.differences);
      report(setting.context, flags.json, { json: answer, text: () => formatDrop(answer) });
    });
}

function withFilters(command: Command): Command {
  return command
    .option('--reason <code>', 'refused for this reason, such as event_invalid')
    .option('--source <source>', 'of this source')
    .option('--type <type>', 'of this event type')
    .option('--since <time>', 'refused at or after this time (RFC 3339)')
    .option('--until <time>', 'refused before this time');
}

function clientOf(flags: GlobalFlags, context: CliContext) {
  return createLetterClient(createHttpClient(readCliConfig(context.environment, flags)));
}

function filtersOf(flags: FilterFlags): LetterFilters {
  const { reason, source, type, since, until } = flags;
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(source === undefined ? {} : { source }),
    ...(type === undefined ? {} : { event_type: type }),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  };
}

/** Nothing said must not mean everything. */
function choose(ids: readonly string[], flags: ChoiceFlags): LetterChoice {
  const filters = filtersOf(flags);
  const isFiltered = Object.keys(filters).length > 0 || flags.all === true;
  if (ids.length > 0 && isFiltered) {
    throw new Fault('parameter_invalid', 'give ids, or say which with filters or --all, not both');
  }
  if (ids.length === 0 && !isFiltered) {
    throw new Fault(
      'parameter_invalid',
      'which letters? give ids, filters such as --reason, or --all',
    );
  }
  return ids.length > 0 ? { ids: [...new Set(ids)] } : { filters };
}

async function pass<Result>(
  flags: GlobalFlags,
  context: CliContext,
  work: (options: PassOptions) => Promise<Result>,
): Promise<Result> {
  const progress = createStepProgress(context.err, 'letters');
  const { signal } = context;
  try {
    return await work({ client: clientOf(flags, context), signal, onProgress: progress.update });
  } finally {
    progress.close();
  }
}

async function editOf(flags: ReplayFlags, choice: LetterChoice): Promise<Edit | undefined> {
  const fields = [...(flags.set ?? []), ...(flags.unset ?? [])];
  const ways = [fields.length > 0, flags.map !== undefined, flags.event !== undefined];
  if (ways.filter(Boolean).length > 1) {
    throw new Fault('parameter_invalid', '--set and --unset, --map and --event exclude each other');
  }
  if (flags.map !== undefined) {
    return mapLetter(readMapping(await readText(flags.map), basename(flags.map)));
  }
  if (flags.event !== undefined) {
    if (!('ids' in choice) || choice.ids.length !== 1) {
      throw new Fault('parameter_invalid', '--event stands for one letter: give its id');
    }
    return replaceBy(parseEvents(await readText(flags.event), flags.event));
  }
  return fields.length > 0 ? editFields(fields) : undefined;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('not_found', `there is no file ${path}`, { cause: error });
  }
}

function parseEvents(text: string, path: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch (error) {
    throw new Fault('file_invalid', `${path} is not JSON`, { cause: error });
  }
}

function gatherSet(text: string, earlier: readonly FieldEdit[] = []): readonly FieldEdit[] {
  const edit = parseSet(text);
  if (edit === undefined) throw new InvalidArgumentError('It must be FIELD=VALUE.');
  return [...earlier, edit];
}

function gatherUnset(text: string, earlier: readonly FieldEdit[] = []): readonly FieldEdit[] {
  return [...earlier, parseUnset(text)];
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= LIMIT_MAX) return number;
  throw new InvalidArgumentError(`It must be a whole number, 1 to ${LIMIT_MAX}.`);
}
