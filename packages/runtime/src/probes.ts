import { z } from 'zod';

import { createHttp, listen } from './http.ts';
import { type Logger } from './log.ts';
import { type Metrics } from './metrics.ts';
import { type Service } from './service.ts';

/** Where a worker without an API of its own answers probes. Spread into its options. */
export const PROBE_OPTIONS = {
  KPI_PROBE_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address on which a worker answers /healthz, /readyz and /metrics.'),
  KPI_PROBE_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Port on which a worker answers /healthz, /readyz and /metrics; 0: it does not.'),
} as const;

export type ProbeConfig = z.infer<z.ZodObject<typeof PROBE_OPTIONS>>;

export interface ProbedProcess {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly services: readonly Service[];
}

/** Answer probes of the given services, if a port is set. They come first: probes end after what they watch. */
export async function withProbes(
  config: ProbeConfig,
  probed: ProbedProcess,
): Promise<readonly Service[]> {
  const { log, metrics, services } = probed;
  if (config.KPI_PROBE_PORT === 0) return services;
  const http = await createHttp({ log, metrics, services: () => services });
  await listen(http, { host: config.KPI_PROBE_HOST, port: config.KPI_PROBE_PORT });
  const probes: Service = {
    name: 'probes',
    readiness: () => Promise.resolve({ isReady: true }),
    close: () => http.close(),
  };
  return [probes, ...services];
}
