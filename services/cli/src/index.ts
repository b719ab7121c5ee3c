export { runCli } from './program.ts';
export type { CliContext, Terminal } from './context.ts';
