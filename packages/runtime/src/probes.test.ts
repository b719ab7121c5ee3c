import { expect, test } from 'vitest';

import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { withProbes } from './probes.ts';
import { type Readiness, type Service } from './service.ts';
import { freePort } from './test-port.ts';

const log = createLog({ name: 'test', level: 'silent' });

function serviceThat(readiness: Readiness): Service {
  return {
    name: 'worker',
    readiness: () => Promise.resolve(readiness),
    close: () => Promise.resolve(),
  };
}

test('a worker without a probe port answers no probes', async () => {
  const services = [serviceThat({ isReady: true })];
  const config = { KPI_PROBE_HOST: '127.0.0.1', KPI_PROBE_PORT: 0 };
  expect(await withProbes(config, { log, metrics: createMetrics(), services })).toBe(services);
});

test('a worker that makes no progress is unready and says why', async () => {
  const config = { KPI_PROBE_HOST: '127.0.0.1', KPI_PROBE_PORT: await freePort() };
  const services = [serviceThat({ isReady: false, reason: 'stuck' })];
  const [probes] = await withProbes(config, { log, metrics: createMetrics(), services });
  const response = await fetch(`http://127.0.0.1:${config.KPI_PROBE_PORT}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('stuck');
  await probes?.close();
});
