import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { referenceMarkdown } from './reference-markdown.ts';
import { referencePage } from './reference-page.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Part of `pnpm gen`. */
writeFileSync(join(ROOT, 'packages/core/KPIS.md'), referenceMarkdown());
writeFileSync(join(ROOT, 'services/api/src/kpi-reference.gen.html'), referencePage());
