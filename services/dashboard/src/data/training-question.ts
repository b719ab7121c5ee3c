/** What is compared over: time since the quarter began, which grows, or a window chosen before looking. */
export const SPANS = ['quarter', '91d', '182d', '364d'] as const;
export type CompareSpan = (typeof SPANS)[number];

export interface TrainingQuestion {
  readonly span: CompareSpan;
  /** Whether tickets of outages are left out. */
  readonly isWithoutOutages: boolean;
}

export const FIRST_QUESTION: TrainingQuestion = { span: 'quarter', isWithoutOutages: false };

/** The question as the API reads it; without a window it is answered for the quarter so far. */
export function trainingPath({ span, isWithoutOutages }: TrainingQuestion): string {
  const query = new URLSearchParams({
    ...(span === 'quarter' ? {} : { window: span }),
    ...(isWithoutOutages ? { incidents: 'exclude' } : {}),
  });
  return `/v1/compare/support_ticket_rate${query.size === 0 ? '' : `?${query}`}`;
}

/** The question in the address of the page. Its names are not those of the selection of KPIs, which knows other windows. */
export function questionOf(search: string): TrainingQuestion {
  const asked = new URLSearchParams(search);
  return {
    span: SPANS.find((one) => one === asked.get('over')) ?? FIRST_QUESTION.span,
    isWithoutOutages: asked.get('outages') === 'no',
  };
}

/** The opposite of {@link questionOf}: empty for the first question. */
export function searchOf({ span, isWithoutOutages }: TrainingQuestion): string {
  const query = new URLSearchParams({
    ...(span === FIRST_QUESTION.span ? {} : { over: span }),
    ...(isWithoutOutages ? { outages: 'no' } : {}),
  });
  return query.size === 0 ? '' : `?${query}`;
}
