import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { LOAD_RESULT, type LoadPlan, type LoadResult } from './load-plan.ts';

const PROGRAM = fileURLToPath(new URL('load-generator.ts', import.meta.url));

/** A load generator that has made its requests and waits. */
export interface LoadGenerator {
  /** Send everything. */
  run(): Promise<LoadResult>;
  close(): void;
}

/** Start a load generator and wait until it is ready. */
export async function prepareLoad(plan: LoadPlan): Promise<LoadGenerator> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the load generator ended too early');
    return value;
  };
  await nextLine();
  return {
    async run() {
      child.stdin.write('go\n');
      const result = LOAD_RESULT.parse(JSON.parse(await nextLine()));
      if (child.exitCode === null) await once(child, 'exit');
      return result;
    },
    close: () => void child.kill(),
  };
}
