import { Fault, PART } from '@kpi/core';
import type { Clock } from '@kpi/runtime';

import type { Engines } from './engines.ts';
import type { LiveReader } from './stores.ts';

/** The view follows the store ten times a second: this old, it has lost it, and a number would be a guess. */
export const VIEW_AGE_MS_MAX = 10_000;

/** The live view as the API reads it: it refuses to answer from a copy that no longer follows the store. */
export function createLiveReader(
  { view, publications }: Pick<Engines, 'view' | 'publications'>,
  clock: Clock,
): LiveReader {
  const sources = rememberSources(view);
  return {
    revision: (place, to) => publications.revisionOf(place, to),
    canAnswer: (query) => view.canAnswer(query),
    read(query) {
      const ageMs = clock() - view.freshAt;
      if (ageMs <= VIEW_AGE_MS_MAX) return view.read(query);
      throw new Fault(
        'store_unreachable',
        `the live view has not followed the store for ${ageMs} ms`,
      );
    },
    sources,
  };
}

/** Sources change with the view only, and every answer names them. */
function rememberSources(view: Engines['view']): LiveReader['sources'] {
  const remembered = new Map<string, Readonly<Record<string, number>>>();
  let of = '';
  return (tenantId, kpi) => {
    const now = `${view.generation}:${view.sequence}`;
    if (now !== of) remembered.clear();
    of = now;
    const key = `${kpi.id}${PART}${tenantId}`;
    const known = remembered.get(key) ?? Object.fromEntries(view.lastEvents(tenantId, kpi.events));
    remembered.set(key, known);
    return known;
  };
}
