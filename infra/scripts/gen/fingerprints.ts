import { createHash } from 'node:crypto';

import { parseObject } from './avro.ts';
import { type Vocabulary } from './vocabulary.ts';

/**
 * The list of published schema files with their fingerprints, extended by the new ones. Throws when a published file was
 * edited or removed: the next version repairs the last.
 */
export function addFingerprints(published: string, vocabulary: Vocabulary): string {
  const before = parseObject('fingerprints.json', published === '' ? '{}' : published);
  const now = Object.fromEntries(
    vocabulary.events.flatMap(({ folder, versions }) =>
      versions.map((schema, index) => [`${folder}/${index + 1}.avsc`, fingerprint(schema.text)]),
    ),
  );
  for (const [file, print] of Object.entries(before)) {
    if (now[file] !== print) {
      throw new Error(`schemas/${file} is published and must not change; add the next version`);
    }
  }
  return `${JSON.stringify(now, null, 2)}\n`;
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
