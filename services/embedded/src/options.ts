import { HTTP_OPTIONS, flag } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the embedded program itself; those of the services apply as well. */
export const EMBEDDED_OPTIONS = z.object({
  ...HTTP_OPTIONS,
  KPI_DATA_DIR: z
    .string()
    .default('.data')
    .describe('Folder for everything the embedded engines keep, and for logs.'),
  KPI_DEFINITIONS: z
    .string()
    .optional()
    .describe(
      'File of definitions that is applied for the tenant `default` at the start; everything is counted anew when it says something new.',
    ),
  KPI_DEMO: flag(true).describe('Tell the story of the demo company.'),
});
