import { type KpiEvent } from '@kpi/core';

import { createDraw } from '../chaos/draw.ts';
import { companyLoad } from '../chaos/load.ts';

/** Draws one event after the other, of all types that a KPI reads, each of an account; the same seed gives the same events. */
export function eventSource(seed: number): () => KpiEvent {
  const load = companyLoad({ draw: createDraw(seed), now: Date.now(), hasProspects: false });
  return () => {
    const drawn = load.next();
    if (drawn.done === true) throw new RangeError('the load has no end');
    return drawn.value;
  };
}
