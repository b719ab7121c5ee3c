/** A word, a symbol, or a quoted piece of a statement; comments and blanks leave no token. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One alternative per piece of ClickHouse's lexical grammar that can hide a semicolon or a keyword. */
const PIECE = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n]*|#[! ][^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    String.raw`'(?:\\[\s\S]|''|[^'\\])*(?:'|$)`,
    String.raw`"(?:\\[\s\S]|""|[^"\\])*(?:"|$)`,
    String.raw`${'`'}(?:\\[\s\S]|${'``'}|[^${'`'}\\])*(?:${'`'}|$)`,
    String.raw`\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)`,
    String.raw`\w+`,
    String.raw`[\s\S]`,
  ].join('|'),
  'gu',
);

/** The tokens of a statement, lazily: the data after an INSERT need never be read. */
export function* tokens(sql: string): Generator<Token, void> {
  for (const match of sql.matchAll(PIECE)) {
    if (match.groups?.['blank'] !== undefined) continue;
    yield { text: match[0], start: match.index, end: match.index + match[0].length };
  }
}
