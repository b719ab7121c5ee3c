import { DEFAULT_DEFINITIONS, KPIS, type Kpi, formatDuration, resolutionMs } from '@kpi/core';

import { type Example, type ExampleQuestion, examples } from '../support/examples/index.ts';

/** What the reference says of one KPI: made from its declaration and the worked examples of the tests. */
export interface ReferenceSection {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly description: string;
  readonly formula: string;
  readonly rules: readonly string[];
  /** Windows, horizon, dimensions. */
  readonly facts: readonly string[];
  readonly events: readonly string[];
  readonly variants: readonly {
    readonly id: string;
    readonly title: string;
    readonly unit: string;
    readonly interval: string;
  }[];
  readonly examples: readonly WorkedExample[];
}

/** A question that the tests ask of every engine, after they played its events. */
export interface WorkedExample {
  readonly title: string;
  /** `8 survey.response_submitted`. */
  readonly events: string;
  readonly counts: string;
  readonly values: readonly { readonly variant: string; readonly value: string }[];
}

export const INTRODUCTION: string =
  'A value at t knows the events before t. W is the length of the window, H the horizon. `n` counts independent units.';

/** What the values of a variant are shown with. */
const INTERVALS: Readonly<Record<string, string>> = {
  wilson: 'Wilson',
  garwood: 'Garwood (exact Poisson)',
  adjusted_wald: 'adjusted Wald',
  student_t: "Student's t, from 30 units on",
  kaplan_meier: 'Kaplan and Meier, log(−log)',
  none: 'none',
};

export function kpiReference(): readonly ReferenceSection[] {
  const worked = examples(Date.UTC(2026, 0, 1));
  return KPIS.map((kpi) => sectionOf(kpi, worked));
}

function sectionOf(kpi: Kpi, worked: readonly Example[]): ReferenceSection {
  const { id, title, version, description, formula, rules, events } = kpi;
  const usual = Object.entries(kpi.defaultFilter).map(
    ([name, values]) => `${name} = ${values.join(', ')}`,
  );
  const horizon =
    kpi.horizon === undefined
      ? []
      : [`Horizon H: ${formatDuration(kpi.horizon.of(DEFAULT_DEFINITIONS))} by default`];
  return {
    id,
    title,
    version,
    description,
    formula,
    rules,
    facts: [
      windowsOf(kpi),
      ...horizon,
      `Dimensions: ${kpi.dimensions.join(', ')}${usual.length === 0 ? '' : `; without a filter ${usual.join(', ')}`}`,
    ],
    events,
    variants: kpi.variants.map((variant) => ({
      id: variant.name === '' ? id : `${id}.${variant.name}`,
      title: variant.title,
      unit: variant.unit ?? kpi.unit,
      interval: INTERVALS[variant.interval] ?? variant.interval,
    })),
    examples: workedExamples(kpi, worked),
  };
}

function windowsOf({ windows, defaultWindowMs }: Kpi): string {
  const usual = formatDuration(defaultWindowMs);
  if (windows.length === 0) return `Every window is answered from history; by default ${usual}.`;
  const live = windows.map(
    (windowMs) => `${formatDuration(windowMs)} (step ${formatDuration(resolutionMs(windowMs))})`,
  );
  return `Windows kept live: ${live.join(', ')}; by default ${usual}. Any other is answered from history.`;
}

function workedExamples(kpi: Kpi, worked: readonly Example[]): readonly WorkedExample[] {
  return worked.flatMap((example) =>
    example.questions
      .filter(({ kpiId, values }) => kpiId === kpi.id && Object.keys(values).length > 0)
      .map((question) => ({
        title: `${example.title}, ${question.title}`,
        events: eventsOf(example),
        counts: countsOf(question),
        values: Object.entries(question.values).map(([variant, value]) => ({
          variant,
          value: value === null ? 'no value' : String(Number(value.toPrecision(6))),
        })),
      })),
  );
}

function eventsOf({ events }: Example): string {
  const byType = Map.groupBy(events, ({ event_type: type }) => type);
  return [...byType].map(([type, { length }]) => `${length} ${type}`).join(', ');
}

function countsOf({ groups }: ExampleQuestion): string {
  return Object.entries(groups[''] ?? {})
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
