import { ENGINE_OPTIONS, type EngineConfig, type Environment, readConfig } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the command line itself. A flag on the command line wins over the variable. */
export const CLI_OPTIONS = {
  KPI_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe('Where the API and ingest answer; --url.'),
  KPI_API_KEY: z.string().optional().describe('API key sent with every request; --key.'),
  KPI_TENANT: z
    .string()
    .optional()
    .describe('Tenant to act for where no key decides it; --tenant. Default: default.'),
  KPI_DATA_DIR: z
    .string()
    .default('.data')
    .describe('Folder for what must outlive a command, such as how far an import got.'),
} as const;

export type CliConfig = z.infer<z.ZodObject<typeof CLI_OPTIONS>>;

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
  readonly tenant?: string;
}

/** The command line's own options: flags first, then the environment. Throws a Fault `config_invalid`. */
export function readCliConfig(environment: Environment, flags: GlobalFlags): CliConfig {
  return readConfig(z.object(CLI_OPTIONS), {
    ...environment,
    ...(flags.url === undefined ? {} : { KPI_URL: flags.url }),
    ...(flags.key === undefined ? {} : { KPI_API_KEY: flags.key }),
    ...(flags.tenant === undefined ? {} : { KPI_TENANT: flags.tenant }),
  });
}

/** How to reach the engines directly. Throws a Fault `config_invalid`. */
export function readEngineConfig(environment: Environment): EngineConfig {
  return readConfig(z.object(ENGINE_OPTIONS), environment);
}
