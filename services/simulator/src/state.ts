import { open, readFile, rename } from 'node:fs/promises';

import { Fault } from '@kpi/core';
import { z } from 'zod';

const INSTANT = z.number().int();

const STATE = z.object({
  version: z.literal(1),
  seed: z.string(),
  /** When the company began, ms. */
  from: INSTANT,
  /** Where history ends and live events begin, ms. */
  liveFrom: INSTANT,
  /** One stretch per start since then. */
  timeline: z.array(
    z.object({ companyMs: INSTANT, wallMs: INSTANT, speed: z.number().positive() }),
  ),
  /** Everything reported before this company instant has been taken by ingest. */
  sentTo: INSTANT,
  /** Nothing reported at or after this company instant has been sent. */
  plannedTo: INSTANT,
  /** Everything of the treasury reported before this wall-clock instant has been taken. */
  treasuryTo: INSTANT,
});

/** How far the demo has come. Between `sentTo` and `plannedTo` it may or may not have been sent; sending it again is harmless. */
export type DemoState = Readonly<z.infer<typeof STATE>>;

/** The state in `path`, or undefined before the first start. Throws a Fault `file_invalid` when the file cannot be read. */
export async function readState(path: string): Promise<DemoState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return STATE.parse(JSON.parse(text));
  } catch (error) {
    throw new Fault('file_invalid', `${path} is not the state of a demo`, { cause: error });
  }
}

/** Replace the state as a whole: a crash leaves the old or the new one, never a part. */
export async function writeState(path: string, state: DemoState): Promise<void> {
  const next = `${path}.next`;
  const file = await open(next, 'w');
  try {
    await file.writeFile(`${JSON.stringify(state)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
