import { ENGINE_OPTIONS, LOG_OPTIONS, PROBE_OPTIONS } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the archive service. */
export const archiveOptions = z.object({
  ...ENGINE_OPTIONS,
  ...PROBE_OPTIONS,
  ...LOG_OPTIONS,
  KPI_ARCHIVE_BATCH_ROWS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .describe(
      'Rows of a partition after which they are inserted at once, if 32 MiB are not reached first. ClickHouse wants few, large inserts.',
    ),
  KPI_ARCHIVE_WAIT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(1_000)
    .describe(
      'How long rows wait for more before they are inserted; up to 5 s while the log holds many more.',
    ),
  KPI_ARCHIVE_VALUES_WAIT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(600_000)
    .default(5_000)
    .describe('How long published values wait for more before they are inserted.'),
  KPI_ARCHIVE_KEEP_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(60)
    .describe(
      'How long after keeping the units of KPIs, from which most histories are read, they are kept anew; longer where keeping takes long, so that it is a twentieth of the time. 0 keeps none: every history is then derived from events.',
    ),
});

export type ArchiveConfig = z.infer<typeof archiveOptions>;
