import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { z } from 'zod';

import { describeError } from './log-error.ts';

export type Logger = PinoLogger;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LEVELS)[number];

/** How much a process tells. Spread into a service's own options. */
export const LOG_OPTIONS = {
  KPI_LOG_LEVEL: z
    .enum(LEVELS)
    .default('info')
    .describe('Least level of log lines: debug has a line for each batch and each request.'),
} as const;

export interface LogOptions {
  readonly name: string;
  readonly level?: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

/** Credentials and addresses, wherever they appear at the top or one level down. */
const REDACTED = ['authorization', 'password', 'key', 'secret', 'email'];

/**
 * JSON lines with a constant message and fields. Credentials are redacted, and errors are told by {@link describeError}, which
 * leaves out what client libraries attach to them: the arguments of a command are somebody's data.
 */
export function createLog(options: LogOptions): Logger {
  const settings = {
    name: options.name,
    level: options.level ?? 'info',
    base: { name: options.name },
    redact: REDACTED.flatMap((field) => [field, `*.${field}`]),
    serializers: { err: describeError },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
