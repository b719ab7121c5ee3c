import { Command, CommanderError } from 'commander';

import { addCompare } from './commands/compare.ts';
import { addConfig } from './commands/config.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addExport } from './commands/export.ts';
import { addForget } from './commands/forget.ts';
import { addImport } from './commands/import.ts';
import { addKeys } from './commands/keys.ts';
import { addMembers } from './commands/members.ts';
import { addMigrate } from './commands/migrate.ts';
import { addQuery } from './commands/query.ts';
import { addRebuild } from './commands/rebuild.ts';
import { addSchemas } from './commands/schemas.ts';
import { addStatus } from './commands/status.ts';
import { addTopics } from './commands/topics.ts';
import { addVerify } from './commands/verify.ts';
import { addWatch } from './commands/watch.ts';
import type { CliContext } from './context.ts';
import { EXIT, EXIT_CODES_HELP, type ExitCode, exitCodeOf } from './exit-code.ts';
import { writeLine } from './output.ts';

const COMMANDS = [
  addStatus,
  addQuery,
  addCompare,
  addMembers,
  addWatch,
  addImport,
  addVerify,
  addDeadLetters,
  addExport,
  addRebuild,
  addForget,
  addTopics,
  addSchemas,
  addKeys,
  addMigrate,
  addConfig,
] as const;

const EXAMPLES = `
Examples:
  kpi status
  kpi query course_completion_rate --by course
  kpi import events.ndjson --dry-run
`;

/** Run one command. `argv` holds the words after the program's name. Never throws: errors become one line and a code. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(context, (given) => {
    code = given;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already said what is wrong with the words.
    if (!(error instanceof CommanderError)) writeLine(context.err, `kpi: ${messageOf(error)}`);
    return exitCodeOf(error);
  }
}

function createProgram(context: CliContext, setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('kpi')
    .description('KPI Stream on the command line.')
    .option('--json', 'one JSON document instead of text')
    .option('--url <url>', 'where the API and ingest answer (KPI_URL)')
    .option('--key <key>', 'API key (KPI_API_KEY)')
    .option('--tenant <tenant>', 'tenant to act for where no key decides it (KPI_TENANT)')
    .addHelpText('after', `${EXAMPLES}\n${EXIT_CODES_HELP}`)
    .showHelpAfterError('Run it with --help for usage.')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, { context, setExitCode });
  return program;
}

/** A Fault says enough by itself; of anything else the stack is what helps. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = exitCodeOf(error) !== EXIT.failed || 'code' in error;
  return isExpected ? error.message : (error.stack ?? error.message);
}
