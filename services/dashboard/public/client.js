// @ts-check
/** A slower answer than this is reported and asked again; a history may take longer than a live value. */
const DEADLINE_MS = 10_000;
export const HISTORY_DEADLINE_MS = 30_000;
const KEY = 'kpi-key';

/** What the server refused, with the code of its problem document. */
export class Refusal extends Error {
  /** @param {string} code @param {string} detail */
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/** Remember an API key until the window is closed. @param {string} key */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

/**
 * Read JSON of the API. Throws a {@link Refusal} with the code of the problem, or with `unreachable`.
 * @template Answer
 * @param {string} path
 * @param {number} [deadlineMs]
 * @returns {Promise<Answer>}
 */
export async function get(path, deadlineMs = DEADLINE_MS) {
  const key = sessionStorage.getItem(KEY);
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(path, { headers, signal: AbortSignal.timeout(deadlineMs) }).catch(
    () => undefined,
  );
  if (response === undefined) throw new Refusal('unreachable', 'The server does not answer');
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refusal(body.code ?? 'unreachable', body.detail ?? response.statusText);
  return body;
}
