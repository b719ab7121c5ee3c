import { Fault } from '@kpi/core';

import type { HttpServer } from './http.ts';
import type { Metrics } from './metrics.ts';
import type { Service } from './service.ts';

/** A service that cannot say within this time whether it makes progress, makes none. */
const READINESS_MS_MAX = 3_000;

interface ServiceReadiness {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

/**
 * `/healthz` says that the process answers, `/readyz` that every service behind it makes progress (503 and the reasons when
 * one does not), `/metrics` is for Prometheus.
 */
export function registerProbes(
  http: HttpServer,
  metrics: Metrics,
  services: () => readonly Service[],
): void {
  const schema = { tags: ['operation'] };
  http.get(
    '/healthz',
    { schema: { ...schema, summary: 'Whether the process answers' } },
    async () => ({ status: 'ok' }),
  );
  http.get(
    '/readyz',
    { schema: { ...schema, summary: 'Whether every service makes progress' } },
    async (_request, reply) => {
      const states = await Promise.all(services().map((service) => readinessOf(service)));
      const isReady = states.every((state) => state.ready);
      return reply
        .code(isReady ? 200 : 503)
        .send({ status: isReady ? 'ready' : 'unready', services: states });
    },
  );
  http.get(
    '/metrics',
    { schema: { ...schema, summary: 'Telemetry in the Prometheus text format' } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

async function readinessOf(service: Service): Promise<ServiceReadiness> {
  const deadline = AbortSignal.timeout(READINESS_MS_MAX);
  const { name } = service;
  try {
    const { isReady, reason } = await Promise.race([service.readiness(), abortion(deadline)]);
    return { name, ready: isReady, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    const isLate = deadline.aborted;
    const cause = error instanceof Fault ? error.detail : 'readiness cannot be determined';
    return { name, ready: false, reason: isLate ? `no answer in ${READINESS_MS_MAX} ms` : cause };
  }
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}
