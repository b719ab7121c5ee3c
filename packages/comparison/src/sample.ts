import { type AccountExposure } from '@kpi/core';

/**
 * At most so many accounts, always the same ones: those first in the order of a hash of their names, which has nothing to do with when
 * they came or what they did.
 */
export function sampleOf(
  accounts: readonly AccountExposure[],
  countMax: number,
): readonly AccountExposure[] {
  const known = accounts.filter(({ account }) => account !== '');
  // Hashes are spread evenly: somewhat more than the share that is wanted holds it, and need not be sorted with all the others.
  const below =
    (known.length <= countMax ? 1 : Math.min(1, SPARE * (countMax / known.length))) * HASHES;
  const turns = known
    .map((account) => ({ account, turn: hash(account.account) }))
    .filter(({ turn }) => turn < below);
  return turns
    .toSorted((a, b) => a.turn - b.turn)
    .slice(0, countMax)
    .map(({ account }) => account);
}

const HASHES = 2 ** 32;
const SPARE = 1.5;

/** FNV-1a of the code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
