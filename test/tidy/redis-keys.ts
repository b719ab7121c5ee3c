import { type SourceFile } from './repository.ts';

const HOME = 'packages/redis/src/';
/** A template that begins with the prefix of an installation, and the rest of it. */
const KEY = /`\$\{[\w.]*(?:prefix|KPI_REDIS_PREFIX)\}:([^`]*)`/g;
/** What lies in one hash slot: a tag in braces right after the prefix. */
const HASH_TAG = /^\{[^{]/;
/** A script that puts a key together itself names a slot that its caller did not. */
const MADE_IN_LUA = /redis\.call\(\s*'[A-Z]+'\s*,\s*[^,)]*\.\./;

/**
 * What is wrong with the keys that a file builds. A kind of key is built in one place, in the package of the store. It has a hash
 * tag, so that one script or transaction may touch all keys of a kind on a cluster, or is a single key that meets no other.
 */
export function findKeyProblems({ path, text }: SourceFile): readonly string[] {
  if (path.endsWith('.lua')) return MADE_IN_LUA.test(text) ? [`${path}: builds a key`] : [];
  const keys = [...text.matchAll(KEY)].map(([, rest = '']) => rest);
  const misplaced = keys.length > 0 && !path.startsWith(HOME);
  return [
    ...(misplaced ? [`${path}: builds a key outside ${HOME}`] : []),
    ...(keys.length > 1 ? [`${path}: builds keys in ${keys.length} places`] : []),
    ...keys
      .filter((rest) => !HASH_TAG.test(rest) && rest.includes('${'))
      .map((rest) => `${path}: many keys without a hash tag: ${rest}`),
  ];
}
