import {
  INTRODUCTION,
  type ReferenceSection,
  type WorkedExample,
  kpiReference,
} from './kpi-reference.ts';

/** The reference of all KPIs as Markdown: packages/core/KPIS.md. */
export function referenceMarkdown(): string {
  return [
    '# KPI reference',
    '',
    'Made from the declarations in `src/kpis/` and the worked examples of the tests by `pnpm gen`; not edited by hand.',
    INTRODUCTION,
    '',
    ...kpiReference().flatMap((section) => [...linesOf(section), '']),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function linesOf(section: ReferenceSection): readonly string[] {
  const { id, title, version, description, formula, rules, facts, events } = section;
  return [
    `## ${title}`,
    '',
    `\`${id}\`, definition ${version}. ${description}`,
    '',
    `> ${formula}`,
    '',
    ...rules.map((rule) => `- ${rule}`),
    '',
    ...facts.map((fact) => `- ${fact}`),
    `- Events: ${events.map((name) => `\`${name}\``).join(', ')}`,
    '',
    '| id | value | unit | interval |',
    '|---|---|---|---|',
    ...section.variants.map(
      (variant) =>
        `| \`${variant.id}\` | ${variant.title} | ${variant.unit} | ${variant.interval} |`,
    ),
    '',
    'Worked examples, money in minor units:',
    '',
    ...section.examples.map(exampleLine),
  ];
}

function exampleLine({ title, events, counts, values }: WorkedExample): string {
  const results = values.map(({ variant, value }) =>
    variant === '' ? `**${value}**` : `${variant} **${value}**`,
  );
  return `- ${title} (${events}): ${counts} → ${results.join(', ')}`;
}
