import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A folder below `parent` that holds nothing else, so that the profile in it is this run's; undefined without a parent. */
export async function newProfileDir(parent: string | undefined): Promise<string | undefined> {
  if (parent === undefined) return undefined;
  const folder = resolve(parent);
  await mkdir(folder, { recursive: true });
  return mkdtemp(join(folder, 'profile-'));
}
