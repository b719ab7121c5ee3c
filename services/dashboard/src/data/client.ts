/** A slower answer than this is reported and asked again; a history may take longer than a live value. */
const DEADLINE_MS = 10_000;
export const HISTORY_DEADLINE_MS = 30_000;
const KEY = 'kpi-key';
const TENANT = 'kpi-tenant';

/** What the server refused, with the code of its problem document; `unreachable` when there was no answer. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }

  get needsKey(): boolean {
    return this.code === 'key_missing' || this.code === 'key_forbidden';
  }
}

/** Remember an API key until the window is closed. */
export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** The tenant whose numbers are shown, where no key decides it; undefined for the default one. */
export function chosenTenant(): string | undefined {
  return sessionStorage.getItem(TENANT) ?? undefined;
}

export function chooseTenant(tenant: string): void {
  sessionStorage.setItem(TENANT, tenant);
}

export function accessHeaders(): Readonly<Record<string, string>> {
  const key = sessionStorage.getItem(KEY);
  const tenant = chosenTenant();
  return {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    ...(tenant === undefined ? {} : { 'kpi-tenant': tenant }),
  };
}

/** Read JSON of the API. Throws a {@link Refusal}. */
export async function get<Answer>(path: string, deadlineMs = DEADLINE_MS): Promise<Answer> {
  const signal = AbortSignal.timeout(deadlineMs);
  const response = await fetch(path, { headers: accessHeaders(), signal }).catch(() => undefined);
  if (response === undefined) throw new Refusal('unreachable', 'The server does not answer.');
  if (!response.ok) throw await refusalOf(response);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: page and API are one version
  return (await response.json()) as Answer;
}

/** The reason in the problem document of an answer, if it has one. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const problem: unknown = await response.json().catch(() => undefined);
  const said = (name: string): string | undefined => {
    const value: unknown = Object(problem)[name];
    return typeof value === 'string' ? value : undefined;
  };
  return new Refusal(said('code') ?? 'unreachable', said('detail') ?? response.statusText);
}
