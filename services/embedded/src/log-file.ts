import { createWriteStream, renameSync } from 'node:fs';
import { finished } from 'node:stream/promises';

/** A log that never grows past twice its limit: when full it becomes `<path>.1` and begins anew. */
export interface LogFile {
  write(line: string): void;
  close(): Promise<void>;
}

/** Days of ordinary lines, and still opened by any editor. */
const LOG_BYTES_MAX = 20 * 1024 * 1024;

export function openLogFile(path: string, bytesMax: number = LOG_BYTES_MAX): LogFile {
  let stream = createWriteStream(path);
  let bytes = 0;
  return {
    write: (line) => {
      if (bytes > bytesMax) {
        stream.end();
        renameSync(path, `${path}.1`);
        stream = createWriteStream(path);
        bytes = 0;
      }
      bytes += line.length;
      stream.write(line);
    },
    close: async () => {
      stream.end();
      await finished(stream);
    },
  };
}
