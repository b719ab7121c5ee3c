import { type OptionDescription, describeConfig } from '@kpi/runtime';
import { z } from 'zod';

/** What a bench ends with: its report, printed as JSON, and whether what was measured was also right. */
export interface BenchOutcome {
  readonly report: unknown;
  readonly isRight: boolean;
}

export interface BenchContext {
  /** When the workload ends, ms. */
  readonly nowMs: number;
  readonly onProgress: (line: string) => void;
}

/** One word after `pnpm bench`. */
export interface Bench {
  /** One sentence for the list of benches. */
  readonly summary: string;
  readonly options: readonly OptionDescription[];
  /** Check what was given on the command line; undefined when it is wrong. */
  prepare(
    given: Readonly<Record<string, string | undefined>>,
  ): ((context: BenchContext) => Promise<BenchOutcome>) | undefined;
}

/** A bench from its options, zod types with a default and a sentence, and what it does. */
export function defineBench<Options extends z.ZodObject>(bench: {
  readonly summary: string;
  readonly options: Options;
  readonly run: (settings: z.infer<Options>, context: BenchContext) => Promise<BenchOutcome>;
}): Bench {
  return {
    summary: bench.summary,
    options: describeConfig(bench.options),
    prepare(given) {
      const settings = bench.options.safeParse(given);
      return settings.success ? (context) => bench.run(settings.data, context) : undefined;
    },
  };
}

/** A whole number of at least 1. */
export function atLeastOne(byDefault: number, description: string) {
  return z.coerce.number().int().min(1).default(byDefault).describe(description);
}

/** What every bench can be told. */
export const COMMON_OPTIONS = {
  accounts: atLeastOne(50_000, 'accounts, each with four users'),
  seed: z.coerce.number().int().min(0).default(1).describe('of the workload'),
  'cpu-prof': z
    .string()
    .optional()
    .describe(
      'folder: a CPU profile of the service into a new folder below it, and its hottest functions',
    ),
};
