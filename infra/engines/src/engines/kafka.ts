import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Fault } from '@kpi/core';

import { LOOPBACK } from '../process/ports.ts';
import { logHolds, supervise } from '../process/supervised.ts';
import { type Engine, type EngineOptions, JAVA_FLAGS } from './engine.ts';

const run = promisify(execFile);
const HEAP = '-Xmx512m';
/** A log directory left by kill -9 is checked segment by segment first. */
const READY_MS_MAX = 120_000;
const FORMAT_MS_MAX = 60_000;

export interface KafkaOptions extends EngineOptions {
  readonly controllerPort: number;
}

/** One Kafka node, broker and controller at once, on loopback. `url` is host:port. */
export async function startKafka(options: KafkaOptions): Promise<Engine> {
  const properties = join(options.directory, 'server.properties');
  const classPath = join(await options.programs(), 'kafka', '*');
  await mkdir(options.directory, { recursive: true });
  await writeFile(properties, serverProperties(options));
  await formatOnce(options.directory, classPath);
  const process = await supervise({
    ...options,
    name: 'Kafka',
    command: [
      'java',
      HEAP,
      ...JAVA_FLAGS,
      ...LOG_FLAGS,
      '-cp',
      classPath,
      'kafka.Kafka',
      properties,
    ],
    isReady: (log) => logHolds(log, 'Kafka Server started'),
    readyMsMax: READY_MS_MAX,
  });
  return { url: `${LOOPBACK}:${options.port}`, close: () => process.close() };
}

const LOG_FLAGS = [
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
] as const;

/** Ports may differ from run to run: they live in this file only, the data knows the node id. */
function serverProperties({ directory, port, controllerPort }: KafkaOptions): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
    'log.dirs': join(directory, 'log'),
    // A misspelt topic must fail, not appear.
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // One machine: nobody to wait for before the first assignment.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Format the log directory with a cluster id of its own, the first time only. */
async function formatOnce(directory: string, classPath: string): Promise<void> {
  const marker = join(directory, 'log', 'meta.properties');
  if ((await readFile(marker, 'utf8').catch(() => '')).includes('cluster.id')) return;
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format'];
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'k');
  const properties = join(directory, 'server.properties');
  const flags = ['-Xmx128m', ...JAVA_FLAGS, '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  await run('java', [...flags, ...tool, '-t', clusterId, '-c', properties, '--ignore-formatted'], {
    timeout: FORMAT_MS_MAX,
  }).catch((cause: unknown) => {
    throw new Fault('engine_failed', `Kafka could not format ${directory}`, { cause });
  });
}
