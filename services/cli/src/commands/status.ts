import { Fault } from '@kpi/core';

import { healthAnswer } from '../client/health-answer.ts';
import { type HttpClient, createHttpClient, getJson } from '../client/http.ts';
import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import { EXIT } from '../exit-code.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { report } from '../output.ts';
import { formatEngineStatus } from '../status/format-engines.ts';
import { formatHealth } from '../status/format-health.ts';
import type { EngineStatus } from '../status/read-status.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

/** `kpi status`: is it running, is it fresh, is it right, is anything behind. */
export const addStatus: AddCommand = (program, setting) => {
  const command = program
    .command('status')
    .description('engines, processes, lag, retention, sources, dead letters, verification')
    .addHelpText(
      'after',
      `
Ends with 0 when all is well and with 3 when something is not: an engine does not answer, a service is missing or makes no
progress, the last verification found differences, retention is nearly used up. The lines with ! say what. Sources and reasons
of dead letters are those of the tenant (--tenant). When the API does not answer, what Kafka and Redis say themselves is
shown, if they can be reached from here (KPI_KAFKA_BROKERS, KPI_REDIS_URL), and the exit code is 4.`,
    )
    .action(() => showStatus(command.optsWithGlobals<GlobalFlags>(), setting));
  withExamples(command, [
    'kpi status',
    'kpi status --json | jq -r ".problems[]"',
    'kpi status --url https://kpi.example.com',
  ]);
};

async function showStatus(flags: GlobalFlags, setting: CommandSetting): Promise<void> {
  const { context } = setting;
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const health = await readHealth(client);
  if (health instanceof Fault) return showEngines(health, flags, setting);
  const { answer, json } = health;
  if (answer.status !== 'ok') setting.setExitCode(EXIT.differences);
  report(context, flags.json, { json, text: () => formatHealth(answer, client.url) });
}

async function readHealth(client: HttpClient) {
  try {
    return await getJson(client, { path: '/v1/health' }, healthAnswer);
  } catch (error) {
    if (error instanceof Fault && error.code === 'service_unreachable') return error;
    throw error;
  }
}

/** What is known without the API. When that is nothing, its failure is the answer. */
async function showEngines(
  reason: Fault,
  flags: GlobalFlags,
  { context, setExitCode }: CommandSetting,
): Promise<void> {
  const engines = await readEngines(context);
  if (engines === undefined) throw reason;
  setExitCode(EXIT.unreachable);
  report(context, flags.json, {
    json: { status: 'degraded', problems: [reason.detail], ...engines },
    text: () => formatEngineStatus(engines, reason.detail),
  });
}

async function readEngines(context: CliContext): Promise<EngineStatus | undefined> {
  const { readEngineStatus } = await import('../status/read-status.ts');
  try {
    return await readEngineStatus(accessEngines(context), context.clock);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
