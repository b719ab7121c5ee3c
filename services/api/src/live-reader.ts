import { Fault } from '@kpi/core';
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
    sources: (tenantId, kpi) => Object.fromEntries(view.lastEvents(tenantId, kpi.events)),
  };
}
