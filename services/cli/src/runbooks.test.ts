import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { runTestCli } from './test-cli.ts';

const FOLDER = fileURLToPath(new URL('../../../infra/runbooks/', import.meta.url));

/** A command in a page: `kpi topics list --json`. Words until the first flag or argument in capitals are the command. */
interface Mention {
  readonly page: string;
  readonly command: readonly string[];
  readonly flags: readonly string[];
}

function mentionsIn(page: string, text: string): readonly Mention[] {
  return [...text.matchAll(/`kpi ([^`]+)`/g)].map(([, words = '']) => {
    const parts = words.split(/\s+/);
    const end = parts.findIndex((part) => !/^[a-z][a-z-]*$/.test(part));
    return {
      page,
      command: end < 0 ? parts : parts.slice(0, end),
      flags: parts.filter((part) => part.startsWith('--')),
    };
  });
}

const mentions = readdirSync(FOLDER)
  .filter((name) => name.startsWith('kpi-') && name.endsWith('.md'))
  .flatMap((name) => mentionsIn(name, readFileSync(`${FOLDER}${name}`, 'utf8')));

/** What is wrong with a mention; undefined when an operator could type it. */
async function problemOf({ command, flags }: Mention): Promise<string | undefined> {
  const { code, out } = await runTestCli([...command, '--help']);
  if (code !== 0) return `there is no kpi ${command.join(' ')}`;
  // Help of a command that does not exist is the help of the program, which names every command.
  if (!out.includes(`Usage: kpi ${command.join(' ')}`)) return `kpi ${command.join(' ')} is none`;
  const missing = flags.find((flag) => !out.includes(flag));
  return missing === undefined ? undefined : `kpi ${command.join(' ')} has no ${missing}`;
}

test('runbooks name commands', () => {
  expect(mentions.length).toBeGreaterThan(20);
});

test('every command that a runbook names can be typed', async () => {
  const problems = await Promise.all(
    mentions.map(async (mention) => ({ page: mention.page, problem: await problemOf(mention) })),
  );
  expect(problems.filter(({ problem }) => problem !== undefined)).toEqual([]);
});

/** Commands that mend what an alert is about. */
const MENDING: readonly (readonly [page: string, command: string])[] = [
  ['kpi-retention-danger.md', 'rebuild'],
  ['kpi-store-evicting.md', 'rebuild'],
  ['kpi-verify-differs.md', 'rebuild'],
  ['kpi-dead-letters-rise.md', 'dead-letters replay'],
  ['kpi-unreadable-records.md', 'dead-letters list'],
];

test.each(MENDING)('%s names kpi %s', (page, command) => {
  const named = mentions.filter((one) => one.page === page).map((one) => one.command.join(' '));
  expect(named).toContain(command);
});

test.each(['`kpi statsu`', '`kpi verify --from-the-log`', '`kpi topics lsit`'])(
  '%s would be noticed',
  async (planted) => {
    const [mention] = mentionsIn('planted', planted);
    expect(mention === undefined ? undefined : await problemOf(mention)).toBeDefined();
  },
);
