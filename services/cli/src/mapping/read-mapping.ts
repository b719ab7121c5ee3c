import { Fault } from '@kpi/core';
import { type Document, LineCounter, isNode, parseDocument } from 'yaml';

import { type Mapping, mappingSchema } from './mapping.ts';

/** A path into the mapping document: keys and list positions. */
export type MappingPath = readonly PropertyKey[];

/** A mapping and the way back to its text, for messages about it. */
export interface MappingFile {
  readonly mapping: Mapping;
  /** `mapping.yaml line 12, inputs[0].events[1].id`. */
  readonly place: (path: MappingPath) => string;
}

/**
 * Read a mapping from the text of a YAML file called `fileName`.
 * Throws a Fault `mapping_invalid` that gives every mistake its line and its path.
 */
export function readMapping(text: string, fileName: string): MappingFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line } = lines.linePos(syntaxError.pos[0]);
    throw new Fault('mapping_invalid', `${fileName} line ${line}: ${syntaxError.message}`);
  }
  const place = (path: MappingPath): string => {
    const line = lineOf(document, lines, path);
    return path.length === 0
      ? `${fileName} line ${line}`
      : `${fileName} line ${line}, ${formatPath(path)}`;
  };
  const result = mappingSchema.safeParse(document.toJS());
  if (result.success) return { mapping: result.data, place };
  const problems = result.error.issues.map((issue) => `${place(issue.path)}: ${issue.message}`);
  throw new Fault('mapping_invalid', problems.join('\n'));
}

/** Line of the value at the path, or of the nearest one around it when the path leads to something that is missing. */
function lineOf(document: Document, lines: LineCounter, path: MappingPath): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** `inputs[0].events[1].id`. */
function formatPath(path: MappingPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? String(step) : `.${String(step)}`;
    })
    .join('');
}
