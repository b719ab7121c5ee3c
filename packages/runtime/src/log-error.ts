/** An error as a log line has it. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  /** What was behind it, the nearest first. */
  readonly causes?: readonly string[];
}

/** A chain of causes that is longer says nothing new. */
const CAUSES_MAX = 5;
/** Messages of servers quote what they could not read. */
const MESSAGE_CHARS_MAX = 500;
const MAIL = /[^\s"'<>:,;()]+@[^\s"'<>:,;()]+/g;
const API_KEY = /\bkpi_[0-9a-f]{16}_[0-9a-f]+/g;
const URL_CREDENTIALS = /(?<=:\/\/)[^\s/@]+@/g;

/** What may be told of an error: its name, its message, where it was thrown and why. Nothing else that is attached to it. */
export function describeError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const code: unknown = Reflect.get(error, 'code');
  const causes = causesOf(error);
  return {
    type: error.name,
    message: scrub(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: placesOf(error.stack) }),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let current = error.cause;
  while (current instanceof Error && causes.length < CAUSES_MAX) {
    causes.push(`${current.name}: ${scrub(current.message)}`);
    current = current.cause;
  }
  return causes;
}

/** The lines of a stack that name places; its first lines repeat the message. */
function placesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

/** Addresses, keys and passwords in a text are replaced, and a long text is cut. */
function scrub(text: string): string {
  return text
    .slice(0, MESSAGE_CHARS_MAX)
    .replaceAll(URL_CREDENTIALS, '')
    .replaceAll(MAIL, '[address]')
    .replaceAll(API_KEY, '[key]');
}
