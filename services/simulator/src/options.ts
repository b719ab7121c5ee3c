import { z } from 'zod';

/** Options of the demo company. */
export const SIMULATOR_OPTIONS = z.object({
  KPI_DEMO_URL: z.url().default('http://127.0.0.1:8080').describe('Where ingest listens.'),
  KPI_DEMO_TENANT: z.string().default('default').describe('Tenant the demo company belongs to.'),
  KPI_DEMO_KEY: z
    .string()
    .optional()
    .describe('API key with the scope ingest, where one is needed.'),
  KPI_DEMO_SEED: z
    .string()
    .default('demo')
    .describe('Which company: the same seed tells the same story.'),
  KPI_DEMO_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_000)
    .default(400)
    .describe('Days of history before the first start.'),
  KPI_DEMO_RATE: z.coerce
    .number()
    .positive()
    .max(1_000)
    .default(15)
    .describe('Live events per second, roughly: sets how fast company time runs.'),
  KPI_DEMO_STATE: z
    .string()
    .default('.data/demo.json')
    .describe('File that says how far the demo has come.'),
});

export type SimulatorConfig = z.infer<typeof SIMULATOR_OPTIONS>;
