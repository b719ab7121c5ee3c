import { Fault } from '@kpi/core';
import { z } from 'zod';

/** What a key may be used for. `admin` includes the other two. */
export const KEY_SCOPES = ['ingest', 'read', 'admin'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

const storedKey = z.object({
  tenantId: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)).readonly(),
  label: z.string(),
  createdAt: z.number(),
  /** SHA-256 of the whole key, hex. */
  hash: z.string(),
});

/** One key as Redis holds it, under its id. */
export type StoredKey = Readonly<z.infer<typeof storedKey>>;

export function encodeKey(key: StoredKey): string {
  return JSON.stringify(storedKey.parse(key));
}

/** Throws `store_corrupt` when the text is not what {@link encodeKey} writes. */
export function decodeKey(text: string): StoredKey {
  const result = storedKey.safeParse(JSON.parse(text));
  if (!result.success) throw new Fault('store_corrupt', 'an API key has an unknown form');
  return result.data;
}
