/** A reason not to go on that people can act on: one line, no stack. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line for people. Standard output belongs to the program that follows. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
