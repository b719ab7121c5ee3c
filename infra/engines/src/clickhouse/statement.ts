import { Refusal } from './failure.ts';
import { type Token, tokens } from './tokens.ts';

/** An INSERT whose rows follow as data: `INSERT INTO t (a, b)`, its SETTINGS clause, the format, where the data begins. */
export interface InsertStatement {
  readonly kind: 'insert';
  readonly into: string;
  readonly settings: string;
  readonly format: string;
  readonly dataStart: number;
}

/** A statement that answers rows: the query without FORMAT, the format, and a SETTINGS clause after it. */
export interface OutputStatement {
  readonly kind: 'output';
  readonly query: string;
  readonly format: string;
  readonly settings: string;
}

/** Everything else: DDL, INSERT SELECT, OPTIMIZE, … */
interface OtherStatement {
  readonly kind: 'other';
  readonly text: string;
}

export type Statement = InsertStatement | OutputStatement | OtherStatement;

const OUTPUT_WORDS: ReadonlySet<string> = new Set([
  'SELECT',
  'WITH',
  'FROM',
  '(',
  'SHOW',
  'DESCRIBE',
  'DESC',
  'EXPLAIN',
  'EXISTS',
  'CHECK',
]);

/**
 * Read a statement as far as the host must know it.
 * Throws a Refusal for what a server refuses over HTTP: nothing, several statements, files of the client.
 */
export function readStatement(sql: string, defaultFormat: string): Statement {
  const first = tokens(sql).next().value;
  if (first === undefined) throw new Refusal('SYNTAX_ERROR', 'Syntax error: Empty query');
  const word = upper(first);
  const insert = word === 'INSERT' ? readInsert(sql) : undefined;
  if (insert !== undefined) return insert;
  const all = onlyStatement([...tokens(sql)]);
  refuseFiles(all);
  const text = sql.slice(0, all.at(-1)?.end);
  return OUTPUT_WORDS.has(word) ? readOutput(text, all, defaultFormat) : { kind: 'other', text };
}

/** Undefined when the rows come from a query. Stops where the data begins: data may hold anything. */
function readInsert(sql: string): InsertStatement | undefined {
  let settingsStart: number | undefined;
  let formatStart: number | undefined;
  for (const token of outsideParentheses(tokens(sql))) {
    const word = upper(token);
    const intoEnd = settingsStart ?? formatStart ?? token.start;
    if (formatStart !== undefined || word === 'VALUES') {
      return {
        kind: 'insert',
        into: sql.slice(0, intoEnd),
        settings: sql.slice(intoEnd, formatStart ?? token.start),
        format: formatStart === undefined ? 'Values' : token.text,
        dataStart: token.end,
      };
    }
    if (word === 'SELECT' || word === 'WITH' || word === 'INFILE') return undefined;
    if (word === 'SETTINGS') settingsStart ??= token.start;
    if (word === 'FORMAT') formatStart = token.start;
  }
  return undefined;
}

/** FORMAT is a clause only at the end or before SETTINGS; elsewhere it is a function or a name. */
function readOutput(text: string, all: readonly Token[], defaultFormat: string): OutputStatement {
  const top = [...outsideParentheses(all)];
  const at = top.findLastIndex((token) => upper(token) === 'FORMAT');
  const clause = top[at];
  const name = top[at + 1];
  const after = top[at + 2];
  const isClause =
    clause !== undefined &&
    name !== undefined &&
    /^\w+$/.test(name.text) &&
    upper(name) !== 'SETTINGS' &&
    (after === undefined || upper(after) === 'SETTINGS');
  if (!isClause) return { kind: 'output', query: text, format: defaultFormat, settings: '' };
  return {
    kind: 'output',
    query: text.slice(0, clause.start),
    format: name.text,
    settings: text.slice(name.end),
  };
}

/** The tokens of the one statement, without a semicolon at its end. */
function onlyStatement(all: readonly Token[]): readonly Token[] {
  const end = all.findIndex((token) => token.text === ';');
  if (end === -1) return all;
  if (all.slice(end).some((token) => token.text !== ';')) {
    throw new Refusal('SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)');
  }
  return all.slice(0, end);
}

function refuseFiles(all: readonly Token[]): void {
  all.forEach((token, index) => {
    const pair = `${all[index - 1]?.text ?? ''} ${token.text}`.toUpperCase();
    if (pair === 'INTO OUTFILE' || pair === 'FROM INFILE') {
      throw new Refusal('NOT_IMPLEMENTED', `${pair} is not allowed: files are the client's`);
    }
  });
}

function* outsideParentheses(all: Iterable<Token>): Generator<Token, void> {
  let depth = 0;
  for (const token of all) {
    if (token.text === ')') depth -= 1;
    if (depth === 0) yield token;
    if (token.text === '(') depth += 1;
  }
}

function upper(token: Token): string {
  return token.text.toUpperCase();
}
