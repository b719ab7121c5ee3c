import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { type LogLevel, type Logger, createLog } from '@kpi/runtime';
import { z } from 'zod';

import { type LogFile, openLogFile } from './log-file.ts';

/** An error that a service logged, for one line on the terminal. */
export interface ServiceProblem {
  readonly service: string;
  readonly text: string;
  readonly logPath: string;
}

export interface ServiceLogs {
  /** The log of one service, in its own file. */
  of(service: string): Logger;
  close(): void;
}

/** pino's numbers: error is 50, fatal 60. */
const ERROR_LEVEL = 50;
const LINE = z.object({
  level: z.number(),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

/** Logs below `folder`, one file per service; the log of the run before is kept beside it. Errors are also told to `onProblem`. */
export function createServiceLogs(
  { folder, level }: { readonly folder: string; readonly level: LogLevel },
  onProblem: (problem: ServiceProblem) => void,
): ServiceLogs {
  mkdirSync(folder, { recursive: true });
  const files: LogFile[] = [];
  return {
    of: (service) => {
      const logPath = join(folder, `${service}.log`);
      const file = openLogFile(logPath);
      files.push(file);
      const write = (line: string): void => {
        file.write(line);
        const text = problemIn(line);
        if (text !== undefined) onProblem({ service, text, logPath });
      };
      return createLog({ name: service, level, destination: { write } });
    },
    close: () => {
      for (const file of files) file.close();
    },
  };
}

/** What a line says if it is an error. Every line begins with its level, so most are not parsed. */
function problemIn(line: string): string | undefined {
  if (Number(line.slice('{"level":'.length, '{"level":50'.length)) < ERROR_LEVEL) return undefined;
  const { msg, err } = LINE.parse(JSON.parse(line));
  return err === undefined ? msg : `${msg}: ${err.message}`;
}
