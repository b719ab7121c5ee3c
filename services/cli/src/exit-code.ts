import { Fault, type FaultCode } from '@kpi/core';
import { CommanderError } from 'commander';

import { Interrupted } from './interrupted.ts';
import { RequestRefused } from './client/request-refused.ts';

/** What the exit code of a command means. Stable, so that scripts can rely on it. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  differences: 3,
  unreachable: 4,
  forbidden: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table of exit codes as `kpi --help` prints it. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    failed
  2    wrong usage, configuration, parameter or mapping
  3    done, and something is not as it should be: differences found, rows or events refused
  4    something that is needed does not answer
  5    the API key is missing or does not allow it
  130  stopped with Ctrl-C`;

const USAGE_CODES: ReadonlySet<FaultCode> = new Set([
  'config_invalid',
  'definitions_invalid',
  'dimension_unknown',
  'file_invalid',
  'kpi_unknown',
  'mapping_invalid',
  'not_found',
  'parameter_invalid',
  'window_unsupported',
]);
const DIFFERENCE_CODES: ReadonlySet<FaultCode> = new Set([
  'partition_mismatch',
  'schema_incompatible',
  'topic_mismatch',
  'verify_failed',
]);
const FORBIDDEN_CODES: ReadonlySet<FaultCode> = new Set(['key_forbidden', 'key_missing']);

/** The exit code for whatever a command threw. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof RequestRefused) return exitCodeOfStatus(error.status);
  if (!(error instanceof Fault)) return EXIT.failed;
  if (USAGE_CODES.has(error.code)) return EXIT.usage;
  if (DIFFERENCE_CODES.has(error.code)) return EXIT.differences;
  if (FORBIDDEN_CODES.has(error.code)) return EXIT.forbidden;
  return error.retryable ? EXIT.unreachable : EXIT.failed;
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.forbidden;
  if (status === 429 || status === 503) return EXIT.unreachable;
  return status < 500 ? EXIT.usage : EXIT.failed;
}
