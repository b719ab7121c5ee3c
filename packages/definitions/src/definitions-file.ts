import { type Definitions, Fault } from '@kpi/core';
import {
  type Document,
  LineCounter,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  stringify,
} from 'yaml';
import { type z } from 'zod';

import { DOCUMENT, definitionsOf, documentOf } from './document.ts';

/** One thing that is wrong with a file. */
export interface DefinitionsProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `activation.key_actions[1]`; empty for the file as a whole. */
  readonly field: string;
  readonly reason: string;
}

/** More than anybody writes by hand. */
const CHARS_MAX = 262_144;

type Read =
  | { readonly definitions: Definitions }
  | { readonly problems: readonly DefinitionsProblem[] };

/** Definitions from the text of a YAML file, what it does not say at its default; or everything that is wrong with it. */
export function readDefinitions(text: string): Read {
  if (text.length > CHARS_MAX)
    return { problems: [{ ...START, reason: `has more than ${CHARS_MAX} characters` }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) return { problems: wrong.map((one) => problemAt(lines, one)) };
  const plain = plainOf(document);
  if ('problems' in plain) return plain;
  const result = DOCUMENT.safeParse(plain.content);
  if (result.success) return { definitions: definitionsOf(result.data) };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, { document, lines }));
  return { problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** The same for a file of this name. Throws `definitions_invalid` with a line for each problem. */
export function parseDefinitions(text: string, fileName: string): Definitions {
  const read = readDefinitions(text);
  if ('definitions' in read) return read.definitions;
  throw new Fault('definitions_invalid', formatProblems(read.problems, fileName));
}

/** `definitions.yaml:12:3: completion.horizon: "soon" is not a duration`, a line for each. */
export function formatProblems(problems: readonly DefinitionsProblem[], fileName: string): string {
  return problems
    .map(({ line, column, field, reason }) =>
      [`${fileName}:${line}:${column}`, field, reason].filter((part) => part !== '').join(': '),
    )
    .join('\n');
}

/** A file that says all of them. */
export function formatDefinitions(definitions: Definitions): string {
  return stringify(documentOf(definitions));
}

const START = { line: 1, column: 1, field: '' } as const;

/** What the document says. An alias may have no anchor, or stand for far more than the file has. */
function plainOf(
  document: Document,
): { readonly content: unknown } | { readonly problems: readonly DefinitionsProblem[] } {
  try {
    return { content: document.toJS() };
  } catch (error) {
    if (error instanceof ReferenceError) return { problems: [{ ...START, reason: error.message }] };
    throw error;
  }
}

function problemAt(
  lines: LineCounter,
  { pos, message }: { readonly pos: readonly [number, number]; readonly message: string },
): DefinitionsProblem {
  const { line, col } = lines.linePos(pos[0]);
  return { line, column: col, field: '', reason: message };
}

interface Place {
  readonly document: Document;
  readonly lines: LineCounter;
}

type Path = readonly PropertyKey[];

/** A problem for each unknown key, where it stands; otherwise one, at the value. */
function problemsOf(issue: z.core.$ZodIssue, { document, lines }: Place): DefinitionsProblem[] {
  const paths: readonly Path[] =
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key])
      : [issue.path];
  return paths.map((path) => {
    const offset =
      issue.code === 'unrecognized_keys' ? keyOffset(document, path) : valueOffset(document, path);
    const { line, col } = lines.linePos(offset);
    return { line, column: col, field: formatPath(path), reason: issue.message };
  });
}

function keyOffset(document: Document, path: Path): number {
  const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = String(path.at(-1));
  const key = isMap(around)
    ? around.items
        .map((pair) => pair.key)
        .find((one) => isScalar(one) && String(one.value) === name)
    : undefined;
  return isNode(key) ? (key.range?.[0] ?? 0) : valueOffset(document, path);
}

/** Where the value at the path begins, or the nearest one around it. */
function valueOffset(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** `activation.key_actions[1]`. */
function formatPath(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}
