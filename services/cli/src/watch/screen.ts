import type { Terminal } from '../context.ts';

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const TO_LINE_START = '\r';
const CLEAR_BELOW = '\u001B[J';
/** Of a terminal that does not say how large it is. */
const LINES_USUAL = 24;
const COLUMNS_USUAL = 80;

/** A block of text at the end of a terminal that is drawn over again in place. */
export class Screen {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write(HIDE_CURSOR);
  }

  /** Replace what is drawn. What does not fit is cut: a line that wraps could not be drawn over. */
  draw(text: string): void {
    const { stream } = this.#terminal;
    const columns = sizeOf(stream, 'columns') ?? COLUMNS_USUAL;
    const linesMax = (sizeOf(stream, 'rows') ?? LINES_USUAL) - 1;
    const lines = fit(text.split('\n'), linesMax).map((line) => cut(line, columns));
    const up = this.#drawn > 1 ? `\u001B[${this.#drawn - 1}A` : '';
    this.#terminal.write(`${up}${TO_LINE_START}${CLEAR_BELOW}${lines.join('\n')}`);
    this.#drawn = lines.length;
  }

  /** Leave what is drawn, and the terminal as it was. */
  close(): void {
    this.#terminal.write(`\n${SHOW_CURSOR}`);
  }
}

function sizeOf(stream: NodeJS.WritableStream, name: 'columns' | 'rows'): number | undefined {
  const size: unknown = Reflect.get(stream, name);
  return typeof size === 'number' && size > 0 ? size : undefined;
}

function fit(lines: readonly string[], linesMax: number): readonly string[] {
  if (lines.length <= linesMax) return lines;
  const hidden = lines.length - linesMax + 1;
  return [...lines.slice(0, linesMax - 1), `… ${hidden} more lines; narrow it with --kpi`];
}

const LETTERS = new Intl.Segmenter();

function cut(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const letters = Array.from(LETTERS.segment(line), ({ segment }) => segment);
  return letters.length <= columns ? line : `${letters.slice(0, columns - 1).join('')}…`;
}
