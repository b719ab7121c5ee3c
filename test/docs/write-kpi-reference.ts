import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { kpiReference } from './kpi-reference.ts';

/** Part of `pnpm gen`. */
writeFileSync(join(import.meta.dirname, '../../packages/core/KPIS.md'), kpiReference());
