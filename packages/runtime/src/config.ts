import { Fault } from '@kpi/core';
import { z } from 'zod';

/** The environment as given to a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A yes/no option: `true`, `1`, `yes`, `on` and their opposites, in any case. */
export function flag(byDefault: boolean) {
  return z.stringbool().default(byDefault);
}

/**
 * Parse the `KPI_*` variables that `options` declares; an empty variable counts as absent.
 * Throws a Fault `config_invalid` that names every wrong variable at once.
 */
export function readConfig<Options extends z.ZodObject>(
  options: Options,
  environment: Environment,
): z.infer<Options> {
  const given = Object.fromEntries(
    Object.keys(options.shape).flatMap((name) => {
      const value = environment[name]?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const result = options.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Fault('config_invalid', problems.join('; '));
}

/** One line of `kpi config`. Secrets have no default, so nothing secret is ever printed. */
export interface OptionDescription {
  readonly name: string;
  readonly byDefault: string;
  readonly description: string;
}

/** Name, default and sentence of every option, in the order of declaration. */
export function describeConfig(
  options: z.ZodObject<Readonly<Record<string, z.ZodType>>>,
): readonly OptionDescription[] {
  return Object.entries(options.shape).map(([name, option]) => {
    const fallback = option.safeParse(undefined);
    return {
      name,
      byDefault: fallback.success ? textOf(fallback.data) : '',
      description: option.description ?? '',
    };
  });
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
