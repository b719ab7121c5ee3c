import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parseEnvelope, parseSchema, type Field, type RecordSchema } from './avro.ts';

/** Every version of one event type, oldest first. */
export interface EventSchemas {
  /** `lms.course_completed`. */
  readonly eventType: string;
  /** `lms/course-completed`. */
  readonly folder: string;
  readonly versions: readonly RecordSchema[];
  readonly latest: RecordSchema;
  /** Fields of the latest version between the envelope's two parts. */
  readonly properties: readonly Field[];
}

export interface Vocabulary {
  readonly envelope: { readonly first: readonly Field[]; readonly last: readonly Field[] };
  /** In the order of their names. */
  readonly events: readonly EventSchemas[];
}

/** Read schemas/ and hold every file against the conventions; throws an Error that names the file and the reason. */
export function readVocabulary(folder: string): Vocabulary {
  const envelope = parseEnvelope(readFileSync(join(folder, 'envelope.json'), 'utf8'));
  const areas = subfolders(folder);
  const events = areas.flatMap((area) =>
    subfolders(join(folder, area)).map((name) => readEvent(folder, `${area}/${name}`, envelope)),
  );
  return { envelope, events };
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function readEvent(root: string, folder: string, envelope: Vocabulary['envelope']): EventSchemas {
  const eventType = folder.replace('/', '.').replaceAll('-', '_');
  const count = readdirSync(join(root, folder)).length;
  const versions = Array.from({ length: count }, (_, index) => {
    const file = `${folder}/${index + 1}.avsc`;
    return parseSchema({ file, eventType, text: readFileSync(join(root, file), 'utf8') });
  });
  const latest = versions.at(-1);
  if (latest === undefined) throw new Error(`${folder} has no version`);
  const last = latest.fields.length - envelope.last.length;
  const first = envelope.first.length;
  expectSame(folder, latest.fields.slice(0, first), envelope.first);
  expectSame(folder, latest.fields.slice(last), envelope.last);
  return { eventType, folder, versions, latest, properties: latest.fields.slice(first, last) };
}

function expectSame(folder: string, found: readonly Field[], expected: readonly Field[]): void {
  for (const [index, field] of expected.entries()) {
    if (found[index]?.text !== field.text) {
      throw new Error(`${folder}: field ${field.name} is not that of schemas/envelope.json`);
    }
  }
}
