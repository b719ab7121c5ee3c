import { HTTP_OPTIONS, flag } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the embedded program itself; those of the services apply as well. */
export const EMBEDDED_OPTIONS = z.object({
  ...HTTP_OPTIONS,
  KPI_DATA_DIR: z
    .string()
    .default('.data')
    .describe('Folder for everything the embedded engines keep, and for logs.'),
  KPI_DEMO: flag(true).describe('Tell the story of the demo company.'),
});
