import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

/** `kpi migrate`: bring the history store's tables and views up to date. */
export const addMigrate: AddCommand = (program, { context }) => {
  const command = program
    .command('migrate')
    .description('create or update the tables of the history store')
    .action(async () => {
      const { createHistory } = await import('@kpi/clickhouse');
      const { config, log } = accessEngines(context);
      const history = createHistory(config, log);
      try {
        await history.migrate();
      } finally {
        await history.close();
      }
      const database = config.KPI_CLICKHOUSE_DATABASE;
      report(context, command.optsWithGlobals<GlobalFlags>().json, {
        json: { database, migrated: true },
        text: () => `Database ${database} is up to date.`,
      });
    });
  withExamples(command, ['kpi migrate', 'KPI_CLICKHOUSE_DATABASE=kpi_test kpi migrate']);
};
