/**
 * Writes the `*.gen.ts` files from schemas/. `--check` writes nothing and fails when a file is stale, when a schema breaks
 * the conventions of schemas/README.md, or when a published version was edited.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { addFingerprints } from './gen/fingerprints.ts';
import { writeEventFields } from './gen/write-event-fields.ts';
import { writeEventTypes } from './gen/write-event-types.ts';
import { writeEvents } from './gen/write-events.ts';
import { writeQuickReaders } from './gen/write-quick-readers.ts';
import { writeSchemas } from './gen/write-schemas.ts';
import { writeValidators } from './gen/write-validators.ts';
import { readVocabulary } from './gen/vocabulary.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCHEMAS = join(ROOT, 'schemas');

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const vocabulary = readVocabulary(SCHEMAS);
const fingerprints = join(SCHEMAS, 'fingerprints.json');
const outputs: readonly (readonly [path: string, text: string])[] = [
  [fingerprints, addFingerprints(readIfPresent(fingerprints), vocabulary)],
  [join(ROOT, 'packages/core/src/event-types.gen.ts'), writeEventTypes(vocabulary)],
  [join(ROOT, 'packages/core/src/event-fields.gen.ts'), writeEventFields(vocabulary)],
  [join(ROOT, 'packages/core/src/events.gen.ts'), writeEvents(vocabulary)],
  [join(ROOT, 'packages/kafka/src/schemas.gen.ts'), writeSchemas(vocabulary)],
  [join(ROOT, 'packages/kafka/src/event-validators.gen.ts'), writeValidators(vocabulary)],
  [join(ROOT, 'packages/kafka/src/event-quick-readers.gen.ts'), writeQuickReaders(vocabulary)],
];

const stale = outputs.filter(([path, text]) => readIfPresent(path) !== text);
const names = stale.map(([path]) => relative(ROOT, path));
if (process.argv.includes('--check')) {
  if (names.length > 0) throw new Error(`stale, run \`pnpm gen\`: ${names.join(', ')}`);
} else {
  for (const [path, text] of stale) writeFileSync(path, text);
  process.stdout.write(names.length === 0 ? 'everything fresh\n' : `wrote ${names.join(', ')}\n`);
}
