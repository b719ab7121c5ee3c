/** What the host itself refuses, with the codes ClickHouse has for it. */
const REFUSALS = {
  SYNTAX_ERROR: 62,
  NOT_IMPLEMENTED: 48,
  CANNOT_DECOMPRESS: 271,
  TOO_LARGE_REQUEST: 307,
  BAD_ARGUMENTS: 36,
} as const;

/** A request the host does not pass on to the engine. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(kind: keyof typeof REFUSALS, detail: string, options?: ErrorOptions) {
    super(`Code: ${REFUSALS[kind]}. DB::Exception: ${detail}. (${kind})`, options);
  }
}

/** How an error looks on the wire: HTTP status, exception code, body. */
export interface Failure {
  readonly status: number;
  readonly code: number;
  readonly text: string;
}

/** Statuses other than 500, by exception code, as ClickHouse's HTTPHandler maps them. */
const STATUSES: ReadonlyMap<number, number> = new Map([
  // Names that do not exist: UNKNOWN_{FUNCTION, IDENTIFIER, TYPE, STORAGE, DATABASE, AGGREGATE_FUNCTION, FORMAT, SETTING, TABLE, …}.
  ...[46, 47, 50, 56, 60, 63, 73, 81, 111, 115, 218, 273].map((code) => [code, 404] as const),
  // The request is wrong: CANNOT_PARSE_*, TYPE_MISMATCH, SYNTAX_ERROR, ILLEGAL_TYPE_OF_ARGUMENT, parameters, …
  ...[6, 26, 27, 33, 36, 38, 41, 43, 53, 62, 72, 117, 131, 190, 191, 420, 440, 441, 456, 457].map(
    (code) => [code, 400] as const,
  ),
  [48, 501],
  [159, 408],
  [164, 403],
  [202, 503],
  [271, 400],
  [307, 413],
  [497, 403],
]);

/** CANNOT_PARSE… errors of the engine carry their code at the front; anything else is LOGICAL_ERROR-like and says 1000. */
const UNKNOWN_CODE = 1000;

/** The answer for an error of the engine or of the host. */
export function failureOf(error: unknown, version: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = Number(/^Code: (\d+)/.exec(message)?.[1] ?? UNKNOWN_CODE);
  const text = code === UNKNOWN_CODE ? `Code: ${code}. DB::Exception: ${message}` : message;
  return {
    status: STATUSES.get(code) ?? 500,
    code,
    text: `${text.trimEnd()} (version ${version} (official build))\n`,
  };
}
