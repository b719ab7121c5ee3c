import type { Subject } from '@kpi/clickhouse';
import { z } from 'zod';

import { invalid } from '../parameters.ts';

/** Where a listing goes on, and about which instant it is: pages of one listing are about the same. */
export interface Cursor {
  readonly asOf: number;
  /** The moment of reading, where person-time ends; null for an as-of time that was asked for. */
  readonly clipAt: number | null;
  readonly subject: Subject;
  /** The last member of this subject that was told; null when all were. */
  readonly name: string | null;
}

const CURSOR = z.tuple([
  z.int(),
  z.int().nullable(),
  z.union([z.literal(0), z.literal(1), z.literal(2)]),
  z.string(),
  z.string().nullable(),
]);

/** Opaque text, safe in an address. */
export function formatCursor({ asOf, clipAt, subject, name }: Cursor): string {
  const parts = [asOf, clipAt, subject.rank, subject.id, name];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Throws `parameter_invalid` for what {@link formatCursor} did not make. */
export function parseCursor(text: string): Cursor {
  const result = CURSOR.safeParse(jsonOf(Buffer.from(text, 'base64url').toString()));
  if (!result.success) throw invalid('after', 'after is the `next` of the page before');
  const [asOf, clipAt, rank, id, name] = result.data;
  return { asOf, clipAt, subject: { rank, id }, name };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
