import { z } from 'zod';

/** Whether requests need a key. Spread into the options of a service that listens. */
export const API_KEY_OPTIONS = {
  KPI_REQUIRE_KEYS: z
    .stringbool()
    .optional()
    .describe(
      'Refuse requests without an API key. Default: yes, unless listening on loopback only.',
    ),
} as const;

/** What the option means for a program that listens on `host`. */
export function areKeysRequired(
  config: { readonly KPI_REQUIRE_KEYS?: boolean | undefined },
  host: string,
): boolean {
  return config.KPI_REQUIRE_KEYS ?? !isLoopback(host);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
