import { DEFAULT_DEFINITIONS, KPIS, type Kpi, formatDuration, resolutionMs } from '@kpi/core';

import { type Example, type ExampleQuestion, examples } from '../support/examples/index.ts';

/** What the values of a variant are shown with. */
const INTERVALS: Readonly<Record<string, string>> = {
  wilson: 'Wilson',
  garwood: 'Garwood (exact Poisson)',
  adjusted_wald: 'adjusted Wald',
  student_t: "Student's t, from 30 answers on",
  kaplan_meier: 'Kaplan and Meier, log(−log)',
  none: 'none',
};

/** The reference of all KPIs as Markdown, from their declarations and worked examples. */
export function kpiReference(): string {
  const worked = examples(Date.UTC(2026, 0, 1));
  return [
    '# KPI reference',
    '',
    'Made from the declarations in `src/kpis/` and the worked examples of the tests by `pnpm gen`; not edited by hand.',
    'A value at t knows the events before t. W is the length of the window, H the horizon. `n` counts independent units.',
    '',
    ...KPIS.flatMap((kpi) => [...section(kpi, worked), '']),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function windowsOf({ windows, defaultWindowMs }: Kpi): string {
  const usual = formatDuration(defaultWindowMs);
  if (windows.length === 0) return `- Every window is answered from history; by default ${usual}.`;
  const live = windows.map(
    (windowMs) => `${formatDuration(windowMs)} (step ${formatDuration(resolutionMs(windowMs))})`,
  );
  return `- Windows kept live: ${live.join(', ')}; by default ${usual}. Any other is answered from history.`;
}

function section(kpi: Kpi, worked: readonly Example[]): readonly string[] {
  const horizon =
    kpi.horizon === undefined
      ? []
      : [`- Horizon H: ${formatDuration(kpi.horizon.of(DEFAULT_DEFINITIONS))} by default`];
  const usual = Object.entries(kpi.defaultFilter).map(
    ([name, values]) => `${name} = ${values.join(', ')}`,
  );
  return [
    `## ${kpi.title}`,
    '',
    `\`${kpi.id}\`, definition ${kpi.version}. ${kpi.description}`,
    '',
    `> ${kpi.formula}`,
    '',
    ...kpi.rules.map((rule) => `- ${rule}`),
    '',
    windowsOf(kpi),
    ...horizon,
    `- Dimensions: ${kpi.dimensions.join(', ')}${usual.length === 0 ? '' : `; without a filter ${usual.join(', ')}`}`,
    `- Events: ${kpi.events.map((name) => `\`${name}\``).join(', ')}`,
    '',
    '| id | value | unit | interval |',
    '|---|---|---|---|',
    ...kpi.variants.map(({ name, title, unit, interval }) => {
      const id = name === '' ? kpi.id : `${kpi.id}.${name}`;
      return `| \`${id}\` | ${title} | ${unit ?? kpi.unit} | ${INTERVALS[interval] ?? interval} |`;
    }),
    '',
    'Worked examples, money in minor units:',
    '',
    ...workedExamples(kpi, worked),
  ];
}

function workedExamples(kpi: Kpi, worked: readonly Example[]): readonly string[] {
  return worked.flatMap((example) =>
    example.questions
      .filter(({ kpiId, values }) => kpiId === kpi.id && Object.keys(values).length > 0)
      .map((question) => `- ${example.title}, ${question.title}: ${answerOf(question)}`),
  );
}

function answerOf({ groups, values }: ExampleQuestion): string {
  const counts = Object.entries(groups[''] ?? {}).map(([name, count]) => `${name} ${count}`);
  const results = Object.entries(values).map(([name, value]) => {
    const shown = value === null ? 'no value' : String(Number(value.toPrecision(6)));
    return name === '' ? `**${shown}**` : `${name} **${shown}**`;
  });
  return `${counts.join(', ')} → ${results.join(', ')}`;
}
