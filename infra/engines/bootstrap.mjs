/**
 * `npm start` and `npm test` on a bare machine: check what is needed, install the pinned Node and the packages, build the page, then go on
 * under that Node. Runs under whatever Node the machine has (20 or later): plain JavaScript, built-in modules only.
 */
import { fileURLToPath } from 'node:url';

import { install } from './bootstrap/install.mjs';
import { buildPage } from './bootstrap/page.mjs';
import { checkPrerequisites } from './bootstrap/prerequisites.mjs';
import { awaitPredecessor, runTied } from './bootstrap/run.mjs';
import { Stop, say } from './bootstrap/say.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAMS = {
  start: 'services/embedded/src/main.ts',
  test: 'infra/engines/src/run-tests.ts',
};

async function main([command, ...args]) {
  const program = PROGRAMS[command];
  if (program === undefined) throw new Stop('usage: bootstrap.mjs start|test [ARGUMENT...]', 2);
  await checkPrerequisites({ root: ROOT, environment: process.env });
  await install(ROOT);
  await buildPage(ROOT);
  if (command === 'start' && !args.includes('--help')) await awaitPredecessor(process.env);
  return runTied({
    root: ROOT,
    program,
    args,
    environment: process.env,
    isService: command === 'start',
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
