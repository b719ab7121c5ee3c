/** What the embedded program tells people while it works; one line each. */
export interface Reporter {
  /** A step is complete. */
  done(text: string): void;
  /** Something goes on that takes a while. */
  note(text: string): void;
  /** Something is wrong. */
  problem(text: string): void;
  /** Replaces the line before where the terminal can; otherwise now and then a line. */
  status(text: string): void;
  /** Lines that must not be overlooked. */
  box(lines: readonly string[]): void;
}

/** Where lines go: a terminal or a file. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001B[2K';

export function createReporter(output: Output): Reporter {
  const isTerminal = output.isTTY === true;
  let isOpen = false;
  const line = (text: string): void => {
    output.write(`${isOpen ? CLEAR_LINE : ''}${text}\n`);
    isOpen = false;
  };
  return {
    done: (text) => line(`  ✓ ${text}`),
    note: (text) => line(`  · ${text}`),
    problem: (text) => line(`  ✗ ${text}`),
    status: (text) => {
      if (!isTerminal) return;
      output.write(`${CLEAR_LINE}  · ${text}`);
      isOpen = true;
    },
    box: (lines) => {
      const width = Math.max(...lines.map(({ length }) => length)) + 4;
      line(`\n  ┌${'─'.repeat(width)}┐`);
      for (const text of lines) line(`  │  ${text.padEnd(width - 4)}  │`);
      line(`  └${'─'.repeat(width)}┘\n`);
    },
  };
}

/** A silent one, for programs without people. */
export const SILENT_REPORTER: Reporter = {
  done: () => undefined,
  note: () => undefined,
  problem: () => undefined,
  status: () => undefined,
  box: () => undefined,
};

/** `3.2` for 3,187 ms. */
export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
