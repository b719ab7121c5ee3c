import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { LOOPBACK } from '../process/ports.ts';
import { answersOk } from '../process/readiness.ts';
import { type Engine, type EngineOptions, JAVA_FLAGS } from './engine.ts';
import { engineOf, startNode } from './supervised-node.ts';

const HEAP = '-Xmx256m';
const READY_MS_MAX = 120_000;
const APPLICATION = 'apicurio-registry-app-3.0.9-runner.jar';

/** Apicurio Registry with its data in an H2 file. `url` is its Confluent-compatible interface. */
export async function startRegistry(options: EngineOptions): Promise<Engine> {
  const url = `http://${LOOPBACK}:${options.port}/apis/ccompat/v7`;
  await mkdir(options.directory, { recursive: true });
  const settings = {
    'quarkus.http.host': LOOPBACK,
    'quarkus.http.port': options.port,
    'quarkus.http.access-log.enabled': false,
    'quarkus.log.level': 'WARN',
    'apicurio.datasource.url': `jdbc:h2:file:${join(options.directory, 'registry')}`,
    'apicurio.datasource.jdbc.initial-size': 2,
    'apicurio.datasource.jdbc.min-size': 2,
    'apicurio.datasource.jdbc.max-size': 10,
  };
  const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const jar = join(await options.programs(), 'registry', APPLICATION);
  const node = await startNode(url, {
    ...options,
    name: 'The schema registry',
    command: ['java', HEAP, ...JAVA_FLAGS, ...flags, '-jar', jar],
    isReady: () => answersOk(`${url}/subjects`),
    readyMsMax: READY_MS_MAX,
  });
  return engineOf([node]);
}
