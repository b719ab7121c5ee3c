import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Fault } from '@kpi/core';

import { LOOPBACK } from '../process/ports.ts';
import { logHolds } from '../process/supervised.ts';
import { type Engine, type EngineOptions, JAVA_FLAGS } from './engine.ts';
import { type ClosableNode, engineOf, startNode, startNodes } from './supervised-node.ts';

const run = promisify(execFile);
const HEAP = '-Xmx512m';
/** Each of several has a part of the leaders. */
const HEAP_OF_SEVERAL = '-Xmx384m';
/** A log directory left by kill -9 is checked segment by segment first. */
const READY_MS_MAX = 120_000;
const FORMAT_MS_MAX = 60_000;
/** Replicas of everything on several brokers: one may be lost, and what was acknowledged is still on two. */
const REPLICAS = 3;

export interface KafkaOptions extends Omit<EngineOptions, 'port'> {
  /** One pair of ports per broker; the first broker has id 1. */
  readonly brokers: readonly BrokerPorts[];
}

interface BrokerPorts {
  readonly port: number;
  readonly controllerPort: number;
}

/** Kafka nodes, broker and controller at once each, on loopback. `url` is host:port, comma-separated when there are several. */
export async function startKafka(options: KafkaOptions): Promise<Engine> {
  const { brokers, directory } = options;
  const classPath = join(await options.programs(), 'kafka', '*');
  await mkdir(directory, { recursive: true });
  const clusterId = await clusterIdOf(directory);
  const start = (number: number): Promise<ClosableNode> =>
    startBroker(number, {
      ...options,
      directory: brokers.length === 1 ? directory : join(directory, String(number)),
      classPath,
      clusterId,
    });
  return engineOf(await startNodes(brokers.map((_, index) => start(index + 1))));
}

interface BrokerOptions extends KafkaOptions {
  readonly classPath: string;
  readonly clusterId: string;
}

async function startBroker(number: number, options: BrokerOptions): Promise<ClosableNode> {
  const { directory, brokers, classPath } = options;
  const properties = join(directory, 'server.properties');
  await mkdir(directory, { recursive: true });
  await writeFile(properties, serverProperties(number, options));
  await formatOnce(options);
  const heap = brokers.length === 1 ? HEAP : HEAP_OF_SEVERAL;
  return startNode(`${LOOPBACK}:${brokers[number - 1]?.port}`, {
    ...options,
    name: brokers.length === 1 ? 'Kafka' : `Kafka broker ${number}`,
    command: [
      'java',
      heap,
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
}

const LOG_FLAGS = [
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
] as const;

/** Ports may differ from run to run: they live in this file only, the data knows the node id. */
function serverProperties(number: number, { directory, brokers }: BrokerOptions): string {
  const own = brokers[number - 1];
  if (own === undefined) throw new RangeError(`there is no broker ${number}`);
  const voters = brokers.map(
    ({ controllerPort }, index) => `${index + 1}@${LOOPBACK}:${controllerPort}`,
  );
  const replicas = Math.min(brokers.length, REPLICAS);
  const inSync = Math.max(1, replicas - 1);
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': number,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${own.port},CONTROLLER://${LOOPBACK}:${own.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${own.port}`,
    'log.dirs': join(directory, 'log'),
    // A misspelt topic must fail, not appear.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    // A broker that is gone is replaced as leader after this long; Kafka's default is 9 s.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
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

/** All brokers of a cluster carry one id, made once. */
async function clusterIdOf(directory: string): Promise<string> {
  const path = join(directory, 'cluster-id');
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  const made = randomBytes(16).toString('base64url').replace(/^-/, 'k');
  await writeFile(path, `${made}\n`);
  return made;
}

/** Format the log directory with the id of the cluster, the first time only. */
async function formatOnce({ directory, classPath, clusterId }: BrokerOptions): Promise<void> {
  const marker = join(directory, 'log', 'meta.properties');
  if ((await readFile(marker, 'utf8').catch(() => '')).includes('cluster.id')) return;
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format'];
  const properties = join(directory, 'server.properties');
  const flags = ['-Xmx128m', ...JAVA_FLAGS, '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  await run('java', [...flags, ...tool, '-t', clusterId, '-c', properties, '--ignore-formatted'], {
    timeout: FORMAT_MS_MAX,
  }).catch((cause: unknown) => {
    throw new Fault('engine_failed', `Kafka could not format ${directory}`, { cause });
  });
}
