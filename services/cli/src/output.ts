import Table from 'cli-table3';

import type { CliContext, Terminal } from './context.ts';

/** A table for people: a line of headings and left-aligned columns, with `right` naming the columns of numbers. */
export interface TableText {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly right?: readonly number[];
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export function formatTable({ head, rows, right = [] }: TableText): string {
  const table = new Table({
    head: [...head],
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

export function writeLine(terminal: Terminal, text = ''): void {
  terminal.write(`${text}\n`);
}

/** The same result for a program (`--json`: one JSON document) or for people. */
export function report(
  context: CliContext,
  asJson: boolean | undefined,
  result: { readonly json: unknown; readonly text: () => string },
): void {
  writeLine(context.out, asJson === true ? JSON.stringify(result.json, null, 2) : result.text());
}

const COUNT = new Intl.NumberFormat('en-US');

/** `12,489`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `3 rows`, `1 row`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
