import { Fault } from '@kpi/core';

import type { HttpServer } from './http.ts';
import { Gauge, type Metrics, watchGauge } from './metrics.ts';
import type { Service } from './service.ts';
import { VERSION } from './version.ts';

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
  measureReadiness(metrics, services);
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

/** Readiness as telemetry, asked at every scrape, so that an alert and `/readyz` cannot disagree. */
function measureReadiness(metrics: Metrics, services: () => readonly Service[]): void {
  const ready: Gauge<'service'> = new Gauge<'service'>({
    name: 'kpi_runtime_ready',
    help: '1 while a service makes progress, 0 while it does not: what /readyz says.',
    labelNames: ['service'],
    registers: [metrics],
    collect: async () => {
      const states = await Promise.all(services().map((service) => readinessOf(service)));
      for (const state of states) ready.set({ service: state.name }, state.ready ? 1 : 0);
    },
  });
  watchGauge(metrics, {
    name: 'kpi_runtime_build_info',
    help: 'Always 1: what runs here.',
    labelNames: ['version', 'node'],
    read: () => [{ labels: { version: VERSION, node: process.version }, value: 1 }],
  });
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
