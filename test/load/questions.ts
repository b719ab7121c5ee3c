import { type CatalogueEntry } from './api-client.ts';

/** How a question splits or restricts a value. */
export const QUESTION_KINDS = ['value', 'by', 'filter'] as const;

type QuestionKind = (typeof QUESTION_KINDS)[number];

/** A live question and its kind. */
export interface LiveQuestion {
  readonly kind: QuestionKind;
  readonly path: string;
}

/** Dimensions of which the workload has these values; others are not asked about. */
const FILTERS: Readonly<Record<string, string>> = {
  plan: 'pro',
  trained: 'true',
  context: 'general',
};

/** Every KPI, variant and live window: the value, by each single dimension, and with a filter. */
export function questionsOf(catalogue: readonly CatalogueEntry[]): readonly LiveQuestion[] {
  return catalogue.flatMap(({ variants, windows, dimensions }) =>
    variants.flatMap(({ id }) =>
      windows.flatMap(({ window }) => {
        const path = `/v1/kpis/${id}?window=${window}`;
        const by = dimensions.map((name) => ({ kind: 'by', path: `${path}&by=${name}` }) as const);
        const filters = dimensions.flatMap((name) => {
          const value = FILTERS[name];
          return value === undefined
            ? []
            : [{ kind: 'filter', path: `${path}&filter=${name}:${value}` } as const];
        });
        return [{ kind: 'value', path } as const, ...by, ...filters];
      }),
    ),
  );
}
