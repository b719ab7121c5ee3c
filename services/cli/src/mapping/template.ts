import { z } from 'zod';

import type { Row, Scalar } from './row.ts';

/** Text with names in braces, `{code_module}-{code_presentation}`. `{{` and `}}` stand for braces. */
export interface Template {
  readonly source: string;
  readonly parts: readonly Part[];
}

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string };

const TOKEN = /\{{2}|\}{2}|\{([^{}]*)\}|[{}]/g;

/** Throws a SyntaxError that says what is wrong with the braces. */
export function parseTemplate(source: string): Template {
  const parts: Part[] = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    addLiteral(parts, source.slice(end, match.index));
    addToken(parts, match);
    end = match.index + match[0].length;
  }
  addLiteral(parts, source.slice(end));
  return { source, parts };
}

function addLiteral(parts: Part[], text: string): void {
  if (text !== '') parts.push({ kind: 'literal', text });
}

function addToken(parts: Part[], match: RegExpExecArray): void {
  const [token, name] = match;
  if (token === '{{' || token === '}}') {
    parts.push({ kind: 'literal', text: token.charAt(0) });
    return;
  }
  if (name === undefined) {
    throw new SyntaxError(`a single ${token} in a template is written ${token}${token}`);
  }
  if (name.trim() === '') throw new SyntaxError('the braces {} name no column');
  parts.push({ kind: 'name', name: name.trim() });
}

/** Names that the template reads. */
export function templateNames(template: Template): readonly string[] {
  return template.parts.flatMap((part) => (part.kind === 'name' ? [part.name] : []));
}

/** The text, or undefined when a name in it is absent. A template that is one name keeps the type of its value. */
export function fill(template: Template, row: Row): Scalar | undefined {
  const [first] = template.parts;
  if (template.parts.length === 1 && first?.kind === 'name') return row.get(first.name);
  let text = '';
  for (const part of template.parts) {
    const piece = part.kind === 'literal' ? part.text : row.get(part.name);
    if (piece === undefined) return undefined;
    text += String(piece);
  }
  return text;
}

/** Zod schema of a template in a mapping file. */
export const template = z.string().transform((source, context): Template => {
  try {
    return parseTemplate(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'bad' });
    return z.NEVER;
  }
});
