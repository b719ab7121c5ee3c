import { Fault } from '@kpi/core';
import type { VerifyReport } from '@kpi/verify';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import { EXIT } from '../exit-code.ts';
import type { GlobalFlags } from '../options.ts';
import { report } from '../output.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { formatHistoryReport, formatLogReport } from '../verify/format-report.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

type VerifyFlags = GlobalFlags & { readonly from: string };

const SOURCES = ['history', 'kafka'] as const;

/** `kpi verify`: are the live numbers right? */
export const addVerify: AddCommand = (program, setting) => {
  const command = program
    .command('verify')
    .description('recount every live value and say where it differs')
    .option(
      '--from <source>',
      'what to recount from: history (ClickHouse) or kafka (the log)',
      'history',
    )
    .addHelpText(
      'after',
      `
The live store is read once, with the offsets it stands at. History is awaited until it has the same events and asked as of
those offsets; with --from kafka the log is read from its start instead. Ends with 3 when anything differs.`,
    )
    .action(() => runVerify(command.optsWithGlobals<VerifyFlags>(), setting));
  withExamples(command, ['kpi verify', 'kpi verify --from kafka', 'kpi verify --json']);
};

async function runVerify(
  flags: VerifyFlags,
  { context, setExitCode }: CommandSetting,
): Promise<void> {
  const source = SOURCES.find((one) => one === flags.from);
  if (source === undefined)
    throw new Fault('parameter_invalid', `--from is ${SOURCES.join(' or ')}, not ${flags.from}`);
  const { openVerification } = await import('@kpi/verify');
  const verification = await openVerification({ ...accessEngines(context), clock: context.clock });
  try {
    if (source === 'kafka') {
      const found = await verification.againstLog({ signal: context.signal });
      if (!found.isClean) setExitCode(EXIT.differences);
      report(context, flags.json, { json: plain(found), text: () => formatLogReport(found) });
      return;
    }
    const found = await compareWithHistory(verification, context);
    if (!found.isClean) setExitCode(EXIT.differences);
    report(context, flags.json, { json: plain(found), text: () => formatHistoryReport(found) });
  } finally {
    await verification.close();
  }
}

async function compareWithHistory(
  verification: {
    againstHistory(call: {
      onProgress: (done: number, all: number) => void;
      signal: AbortSignal;
    }): Promise<VerifyReport>;
  },
  context: CliContext,
): Promise<VerifyReport> {
  const progress = createStepProgress(context.err, 'questions');
  try {
    return await verification.againstHistory({
      onProgress: progress.update,
      signal: context.signal,
    });
  } finally {
    progress.close();
  }
}

/** Sums are integers wider than JSON's numbers; as text nothing is lost. */
function plain(found: object): unknown {
  return JSON.parse(
    JSON.stringify(found, (_name, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
}
