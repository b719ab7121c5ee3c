import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  INTRODUCTION,
  type ReferenceSection,
  type WorkedExample,
  kpiReference,
} from './kpi-reference.ts';

const STYLE = readFileSync(join(import.meta.dirname, 'reference.css'), 'utf8');

/** The reference of all KPIs as the page that the api serves at /docs/kpis. It needs nothing else. */
export function referencePage(): string {
  const sections = kpiReference();
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<title>KPI reference</title>',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<h1>KPI reference</h1>',
    `<p>${rich(INTRODUCTION)} Made from the declarations and the worked examples that the tests play. <a href="/docs">The API</a>, <a href="/">the numbers</a>.</p>`,
    '<nav aria-label="KPIs"><ul>',
    ...sections.map(({ id, title }) => `<li><a href="#${id}">${plain(title)}</a></li>`),
    '</ul></nav>',
    ...sections.flatMap(linesOf),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function linesOf(section: ReferenceSection): readonly string[] {
  const { id, title, version, description, formula, rules, facts, events } = section;
  return [
    `<section id="${id}" aria-labelledby="title-${id}">`,
    `<h2 id="title-${id}">${plain(title)}</h2>`,
    `<p><code>${id}</code>, definition ${version}. ${rich(description)}</p>`,
    `<blockquote>${plain(formula)}</blockquote>`,
    list(rules.map(rich)),
    list([
      ...facts.map(rich),
      `Events: ${events.map((name) => `<code>${name}</code>`).join(', ')}`,
    ]),
    '<table>',
    '<thead><tr><th scope="col">id</th><th scope="col">value</th><th scope="col">unit</th><th scope="col">interval</th></tr></thead>',
    '<tbody>',
    ...section.variants.map(
      (one) =>
        `<tr><th scope="row"><code>${one.id}</code></th><td>${plain(one.title)}</td><td>${one.unit}</td><td>${plain(one.interval)}</td></tr>`,
    ),
    '</tbody>',
    '</table>',
    '<h3>Worked examples</h3>',
    list(section.examples.map(exampleText)),
    '</section>',
  ];
}

function exampleText({ title, events, counts, values }: WorkedExample): string {
  const results = values.map(
    ({ variant, value }) => `${variant === '' ? '' : `${variant} `}<strong>${value}</strong>`,
  );
  return `${plain(title)}: ${plain(counts)} → ${results.join(', ')} <small>from ${plain(events)}</small>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

/** Text with code between backquotes. */
function rich(text: string): string {
  return plain(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
