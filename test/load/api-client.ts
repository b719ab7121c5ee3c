import { STATUS_CODES } from 'node:http';

import { Pool } from 'undici';
import { z } from 'zod';

/** What a bench reads of a value. */
export const SEEN_VALUE = z.object({
  kpi_id: z.string(),
  n: z.number().nullable(),
  served_from: z.string(),
});

const GROUPS = z.object({ values: z.array(SEEN_VALUE) });
const SERIES = z.object({ points: z.array(SEEN_VALUE) });
const CATALOGUE = z.object({
  kpis: z.array(
    z.object({
      windows: z.array(z.object({ window: z.string() })),
      dimensions: z.array(z.string()),
      variants: z.array(z.object({ id: z.string() })),
      served_from: z.enum(['live', 'history']),
    }),
  ),
});

const GROUP = z.object({ tickets: z.number(), account_days: z.number() });
const COMPARISON = z.object({ groups: z.object({ trained: GROUP, untrained: GROUP }) });

const UNAVAILABLE = 503;

export type SeenValue = z.infer<typeof SEEN_VALUE>;
export type CatalogueEntry = z.infer<typeof CATALOGUE>['kpis'][number];

/** Questions to an api process, over connections that are kept. Throws for any answer but 200 and 503. */
export interface ApiClient {
  /** The values of an answer: one, or one per group; undefined when the live numbers stood still (503). */
  values(path: string): Promise<readonly SeenValue[] | undefined>;
  /** How many points a history has. Throws for any answer but 200. */
  points(path: string): Promise<number>;
  /** Counts of a comparison. Throws for any answer but 200. */
  comparison(path: string): Promise<z.infer<typeof COMPARISON>>;
  catalogue(): Promise<readonly CatalogueEntry[]>;
  /** Events that the live numbers hold. */
  eventsCounted(): Promise<number>;
  close(): Promise<void>;
}

export function createApiClient(
  url: string,
  options: { readonly tenantId: string; readonly connections: number },
): ApiClient {
  const pool = new Pool(url, { connections: options.connections });
  const ask = async (path: string) => {
    const headers = { 'kpi-tenant': options.tenantId };
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
    const said: unknown = await body.json();
    const refusal = `${path}: ${statusCode} ${STATUS_CODES[statusCode] ?? ''} ${JSON.stringify(said)}`;
    return { statusCode, said, refusal };
  };
  const read = async (path: string): Promise<unknown> => {
    const { statusCode, said, refusal } = await ask(path);
    if (statusCode === 200) return said;
    throw new Error(refusal);
  };
  return {
    async values(path) {
      const { statusCode, said, refusal } = await ask(path);
      if (statusCode === UNAVAILABLE) return undefined;
      if (statusCode !== 200) throw new Error(refusal);
      const groups = GROUPS.safeParse(said);
      return groups.success ? groups.data.values : [SEEN_VALUE.parse(said)];
    },
    points: async (path) => SERIES.parse(await read(path)).points.length,
    comparison: async (path) => COMPARISON.parse(await read(path)),
    catalogue: async () => CATALOGUE.parse(await read('/v1/kpis')).kpis,
    eventsCounted: async () =>
      z.object({ events_counted: z.number() }).parse(await read('/v1/status')).events_counted,
    close: () => pool.close(),
  };
}
