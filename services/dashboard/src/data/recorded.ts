import type { Entry, GroupedValues, KpiValue } from './answers.ts';
import { type LiveValues, NO_VALUES, withValue } from './live-values.ts';
import { effectiveWindow } from './windows.ts';

/** Questions for the values that no stream brings: those of KPIs that are served from history, all their variants, and the split. */
export function recordedPaths(
  kpis: readonly Entry[],
  { window: chosen, split }: { readonly window: string; readonly split: string },
): readonly string[] {
  return kpis
    .filter((entry) => entry.served_from === 'history')
    .flatMap((entry) => {
      const window = effectiveWindow(entry, chosen);
      const plain = entry.variants.map(({ id }) => `/v1/kpis/${id}?window=${window}`);
      return split !== '' && entry.dimensions.includes(split)
        ? [...plain, `/v1/kpis/${entry.id}?window=${window}&by=${split}`]
        : plain;
    });
}

export function recordedValues(answers: readonly (KpiValue | GroupedValues)[]): LiveValues {
  return answers
    .flatMap((answer) => ('values' in answer ? answer.values : [answer]))
    .reduce(withValue, NO_VALUES);
}
