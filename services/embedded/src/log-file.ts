import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log that never grows past twice its limit: when full it becomes `<path>.1` and begins anew. */
export interface LogFile {
  /** Written when this returns: the last lines before a kill are the ones that matter. */
  write(line: string): void;
  /** What is written afterwards is dropped: a client library's last timer may still have something to say. */
  close(): void;
}

/** Days of ordinary lines, and still opened by any editor. */
const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** Begin a log; what was at `path` is kept beside it. */
export function openLogFile(path: string, bytesMax: number = LOG_BYTES_MAX): LogFile {
  let file: number | undefined = begin(path);
  let bytes = 0;
  return {
    write: (line) => {
      if (file === undefined) return;
      if (bytes > bytesMax) {
        closeSync(file);
        file = begin(path);
        bytes = 0;
      }
      bytes += writeSync(file, line);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function begin(path: string): number {
  try {
    renameSync(path, `${path}.1`);
  } catch {
    // There was none.
  }
  return openSync(path, 'w');
}
