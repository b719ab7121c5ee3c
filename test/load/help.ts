import { type Bench } from './define-bench.ts';

const INTRODUCTION = `pnpm bench <name> [options]

Measures one service on the workload of DESIGN 9 and checks the result. Starts its own engines, but for those whose KPI_*
variable is set. Prints JSON; exits with 1 when the result is wrong, with 2 when the command is.`;

/** The text of `--help`: every bench with its options. */
export function helpOf(benches: Readonly<Record<string, Bench>>): string {
  const parts = Object.entries(benches).map(([name, { summary, options }]) => {
    const width = Math.max(...options.map((one) => one.name.length));
    const lines = options.map(({ name: option, byDefault, description }) => {
      const fallback = byDefault === '' ? '' : ` (default ${byDefault})`;
      return `  --${option.padEnd(width)}  ${description}${fallback}`;
    });
    return [`${name}: ${summary}`, ...lines].join('\n');
  });
  return [INTRODUCTION, ...parts].join('\n\n');
}
