import type { Command } from 'commander';

import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';

/** What every command is made with. */
export interface CommandSetting {
  readonly context: CliContext;
  /** Called by a command that is done but found something amiss. */
  readonly setExitCode: (code: ExitCode) => void;
}

/** Adds a command to the program. */
export type AddCommand = (program: Command, setting: CommandSetting) => void;

/** Examples at the end of a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((e) => `  ${e}`).join('\n')}`);
}
