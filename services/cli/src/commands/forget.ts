import { Fault, type Subject } from '@kpi/core';
import type { ErasureReceipt, ErasureStep, Erasures } from '@kpi/redis';
import { pause } from '@kpi/runtime';

import { accessEngines } from '../engines.ts';
import type { CliContext } from '../context.ts';
import { Interrupted } from '../interrupted.ts';
import type { GlobalFlags } from '../options.ts';
import { formatCount, formatTable, report, writeLine } from '../output.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

interface ForgetFlags extends GlobalFlags {
  readonly user?: string;
  readonly account?: string;
  readonly yes?: boolean;
  readonly receipts?: boolean;
}

const POLL_MS = 300;
/** Whether anybody carries erasures out shows within a look or two of the archive. */
const BEGUN_MS_MAX = 60_000;

/** `kpi forget`: erase a user or an account from everything that is kept. */
export const addForget: AddCommand = (program, setting) => {
  const command = program
    .command('forget')
    .description('erase a user or an account, with every event that names it')
    .option('--user <id>', 'the user to erase')
    .option('--account <id>', 'the account to erase')
    .option('--yes', 'do not ask')
    .option('--receipts', 'show what was erased before')
    .addHelpText(
      'after',
      `
Every event that names the user or the account is removed from history, from the live store and from the dead letters, and counts
nowhere any more, as if it had never been: live values and history change at once, for all of the past. This cannot be undone.
Later events that name it are refused (subject_erased) and not kept; replays, imports and rebuilds do not bring it back. What the
log still holds is passed over by every reader until its retention ends.

The archive carries it out. Stopped with Ctrl-C, or after a crash of anything, it goes on by itself; the same command again waits
for it. A receipt says when, on whose behalf and how much, and names the subject by a salted hash only.`,
    )
    .action(() => runForget(command.optsWithGlobals<ForgetFlags>(), setting));
  withExamples(command, [
    'kpi forget --user u-4711 --tenant acme',
    'kpi forget --account a-17 --yes --json',
    'kpi forget --receipts',
  ]);
};

async function runForget(flags: ForgetFlags, { context }: CommandSetting): Promise<void> {
  if (flags.receipts === true) return showReceipts(flags, context);
  const subject = subjectOf(flags);
  const { DEFAULT_TENANT } = await import('@kpi/redis');
  const tenantId = flags.tenant ?? context.environment['KPI_TENANT'] ?? DEFAULT_TENANT;
  if (flags.yes !== true) await confirm(context, { tenantId, subject });
  const receipt = await withErasures(context, async (erasures) => {
    const at = context.clock();
    const id = await erasures.request({ tenantId, subject, by: 'kpi forget', at });
    return untilComplete(erasures, id, context);
  });
  report(context, flags.json, { json: receipt, text: () => formatReceipts([receipt]) });
}

function subjectOf({ user, account }: ForgetFlags): Subject {
  if (user !== undefined && account === undefined) return { kind: 'user', id: user };
  if (account !== undefined && user === undefined) return { kind: 'account', id: account };
  throw new Fault('parameter_invalid', 'name either --user or --account');
}

async function confirm(
  { err, stdin }: CliContext,
  { tenantId, subject }: { tenantId: string; subject: Subject },
): Promise<void> {
  const { kind, id } = subject;
  err.write(`Erase ${kind} ${id} of tenant ${tenantId} for good? Type the ${kind} again: `);
  let answer = '';
  for await (const chunk of stdin) {
    answer += chunk.toString();
    if (answer.includes('\n')) break;
  }
  if (answer.trim() !== id)
    throw new Fault('parameter_invalid', 'not confirmed; nothing was erased');
}

async function untilComplete(
  erasures: Erasures,
  id: string,
  { err, clock, signal }: CliContext,
): Promise<ErasureReceipt> {
  const { ERASURE_STEPS } = await import('@kpi/redis');
  const begun = clock();
  const progress = createStepProgress(err, 'steps');
  let shown: ErasureStep | undefined;
  try {
    for (;;) {
      const receipt = await erasures.receipt(id);
      if (receipt !== undefined) return receipt;
      if (signal.aborted)
        throw new Interrupted('the erasure goes on without this; the same command waits for it');
      const step = await erasures.step(id);
      if (step !== shown && !err.isTty) writeLine(err, step);
      shown = step;
      progress.update(ERASURE_STEPS.indexOf(step), ERASURE_STEPS.length);
      if (step === 'asked' && clock() - begun > BEGUN_MS_MAX)
        throw new Fault(
          'service_unreachable',
          'no archive is running that could carry it out; it will when it starts',
        );
      await pause(POLL_MS, signal);
    }
  } finally {
    progress.close();
  }
}

async function showReceipts(flags: ForgetFlags, context: CliContext): Promise<void> {
  const all = await withErasures(context, (erasures) => erasures.receipts());
  const { tenant } = flags;
  const receipts = tenant === undefined ? all : all.filter((one) => one.tenant_id === tenant);
  report(context, flags.json, {
    json: receipts,
    text: () => (receipts.length === 0 ? 'Nobody was erased.' : formatReceipts(receipts)),
  });
}

function formatReceipts(receipts: readonly ErasureReceipt[]): string {
  return formatTable({
    head: ['erased', 'tenant', 'subject', 'asked by', 'events', 'homes', 'memberships', 'letters'],
    right: [4, 5, 6, 7],
    rows: receipts.map((one) => [
      new Date(one.completed_at).toISOString(),
      one.tenant_id,
      `${one.subject_kind} ${one.subject_hash}`,
      one.requested_by,
      formatCount(one.events),
      formatCount(one.homes),
      formatCount(one.memberships),
      formatCount(one.dead_letters),
    ]),
  });
}

async function withErasures<Result>(
  context: CliContext,
  work: (erasures: Erasures) => Promise<Result>,
): Promise<Result> {
  const { Erasures: Opened, closeRedis, createRedis } = await import('@kpi/redis');
  const { config, log } = accessEngines(context);
  const client = await createRedis(config, log);
  try {
    return await work(new Opened({ client, prefix: config.KPI_REDIS_PREFIX }));
  } finally {
    await closeRedis(client);
  }
}
