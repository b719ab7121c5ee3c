import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { z } from 'zod';

const READING = z.object({ records: z.number(), seconds: z.number(), cpuSeconds: z.number() });

/** What reading took, from the moment the consumer has its partitions to the last record. */
export type Reading = z.infer<typeof READING>;

const PROGRAM = fileURLToPath(new URL('read-only.ts', import.meta.url));
const DEADLINE_MS = 300_000;

/** Read a log of `records` with a kafkajs consumer that does nothing else. */
export async function readOnly(
  records: number,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(records)], {
    env: { ...environment },
    timeout: DEADLINE_MS,
  });
  return READING.parse(JSON.parse(stdout));
}
