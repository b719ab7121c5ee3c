import { type AccountExposure } from '@kpi/core';

/**
 * At most so many accounts, always the same ones: those first in the order of a hash of their names, which has nothing to do with when
 * they came or what they did.
 */
export function sampleOf(
  accounts: readonly AccountExposure[],
  countMax: number,
): readonly AccountExposure[] {
  return accounts
    .filter(({ account }) => account !== '')
    .map((account) => ({ account, turn: hash(account.account) }))
    .toSorted((a, b) => a.turn - b.turn)
    .slice(0, countMax)
    .map(({ account }) => account);
}

/** FNV-1a of the code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
