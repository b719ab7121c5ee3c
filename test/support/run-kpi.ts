import { type Pipeline } from './pipeline.ts';
import { startTied } from './tied-process.ts';

/** How a run of the command line ended. */
export interface KpiRun {
  readonly code: number;
  /** What it printed, both streams. */
  readonly output: string;
}

/** Run `kpi` as a process of its own on the engines of a pipeline, other settings before those of the pipeline. */
export async function runKpi(
  pipeline: Pipeline,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<KpiRun> {
  const known = Object.entries({ ...pipeline.environment, ...settings });
  const environment = Object.fromEntries(known.map(([name, value]) => [name, value ?? '']));
  const program = await startTied({ program: 'services/cli/src/main.ts', args, environment });
  const code = await program.ended;
  return { code, output: program.output() };
}
