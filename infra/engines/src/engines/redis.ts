import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findOnPath } from '../process/path.ts';
import { LOOPBACK } from '../process/ports.ts';
import { ask } from '../process/readiness.ts';
import { type Engine, type EngineOptions } from './engine.ts';
import { type ClosableNode, engineOf, startNode } from './supervised-node.ts';

const READY_MS_MAX = 120_000;
/** A script of a large batch may take longer than Redis's 5 s before others are told BUSY. */
const SCRIPT_MS_MAX = 30_000;

/** Redis that keeps what it acknowledged but the last second, and never evicts. `url` is redis://. */
export async function startRedis(options: EngineOptions): Promise<Engine> {
  return engineOf([await startRedisServer({ ...options, name: 'Redis', settings: [] })]);
}

export interface RedisServerOptions extends EngineOptions {
  readonly name: string;
  /** Lines of its configuration beyond the common ones. */
  readonly settings: readonly string[];
}

/** One `redis-server`, alone or a member of a cluster. */
export async function startRedisServer(options: RedisServerOptions): Promise<ClosableNode> {
  const config = join(options.directory, 'redis.conf');
  await mkdir(options.directory, { recursive: true });
  await writeFile(config, configuration(options));
  return startNode(`redis://${LOOPBACK}:${options.port}`, {
    ...options,
    command: [await redisServer(options), config],
    // While the append-only file is read back the answer is -LOADING.
    isReady: async () => (await ask(options.port, 'PING\r\n'))?.startsWith('+PONG') ?? false,
    readyMsMax: READY_MS_MAX,
  });
}

function configuration({ directory, port, settings }: RedisServerOptions): string {
  return [
    `bind ${LOOPBACK}`,
    `port ${port}`,
    `dir "${directory}"`,
    'daemonize no',
    // The command line must go on naming the folder: a left-over process is recognised by it.
    'set-proc-title no',
    'appendonly yes',
    'appendfsync everysec',
    'aof-use-rdb-preamble yes',
    'auto-aof-rewrite-min-size 256mb',
    // The append-only file is the one copy on disk; snapshots beside it would only cost.
    'save ""',
    'maxmemory-policy noeviction',
    // An account's facts are fields of up to some hundred bytes; kept compact they need half the memory.
    'hash-max-listpack-value 512',
    `busy-reply-threshold ${SCRIPT_MS_MAX}`,
    'loglevel notice',
    ...settings,
    '',
  ].join('\n');
}

/** The machine's own `redis-server` if it has one: the fetched static build needs twice the CPU. */
async function redisServer({ programs }: EngineOptions): Promise<string> {
  const installed = await findOnPath('redis-server');
  if (installed !== undefined) return installed;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const name = `redis-server-7.0.15-${process.platform}-${architecture}`;
  const path = join(await programs(), 'redis', name);
  await chmod(path, 0o755);
  return path;
}
