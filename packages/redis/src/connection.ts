import { Fault } from '@kpi/core';
import { type EngineConfig, type Logger } from '@kpi/runtime';
import { type ChainableCommander, Cluster, Redis } from 'ioredis';

/** One Redis or Valkey server, or a Redis Cluster: the same commands, as long as a script or pipeline keeps to one hash tag. */
export type RedisClient = Redis | Cluster;

export type RedisConfig = Pick<EngineConfig, 'KPI_REDIS_URL'>;

/**
 * A command that has no answer by then fails as `store_unreachable`, and a connection that is silent for so long is replaced: the
 * other end may be gone without a word. Far above any healthy answer, below a consumer's session timeout.
 */
const COMMAND_DEADLINE_MS = 5_000;
const CONNECT_DEADLINE_MS = 10_000;
const RECONNECT_MS_MAX = 1_000;
/** A cluster may have failed over while this process had nothing to ask. */
const SLOTS_REFRESH_MS = 5_000;
/** A command survives this many reconnections, so a restart of Redis costs a wait and not an error. */
const RETRIES_PER_COMMAND_MAX = 3;
/** First words of replies that say "not now" rather than "wrong". */
const UNAVAILABLE_REPLIES: ReadonlySet<string> = new Set([
  'LOADING',
  'BUSY',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'NOREPLICAS',
  // A slot has moved, and the client has followed as often as it may: the next call knows where to.
  'MOVED',
  'ASK',
  // Full memory and a full disk: the operator's to mend, and nothing was written.
  'OOM',
  'MISCONF',
]);

/**
 * Connect to KPI_REDIS_URL and resolve once it answers. Several comma-separated URLs are the seeds of a cluster; rediss:// is TLS.
 * Throws `config_invalid` for a URL that is none, `store_unreachable` when nothing answers within ten seconds. Later losses
 * of the connection are logged and repaired; the caller ends it with {@link closeRedis}.
 */
export async function createRedis(config: RedisConfig, log: Logger): Promise<RedisClient> {
  const seeds = config.KPI_REDIS_URL.split(',').map((text) => parseSeed(text.trim()));
  const [first] = seeds;
  if (first === undefined) throw new Fault('config_invalid', 'KPI_REDIS_URL is empty');
  const client = seeds.length === 1 ? connectOne(first) : connectCluster(seeds, first);
  client.on('error', (error: unknown) => log.warn({ err: error }, 'redis connection failed'));
  try {
    await withDeadline(client.connect(), CONNECT_DEADLINE_MS);
  } catch (error) {
    client.disconnect();
    throw new Fault('store_unreachable', `Redis does not answer at ${hostsOf(seeds)}`, {
      cause: error,
    });
  }
  return client;
}

/** Send what is pending, then end the connection. Safe to call twice and on a connection that is down. */
export async function closeRedis(client: RedisClient): Promise<void> {
  await withDeadline(client.quit(), COMMAND_DEADLINE_MS).catch(() => client.disconnect());
}

/**
 * Await a command and give its failure a name: a lost connection, a missed deadline or a server that is loading or without
 * a master is `store_unreachable`; any other error reply is a bug of ours and passes as it is.
 */
export async function reach<T>(operation: string, command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw asFault(operation, error);
  }
}

/** Run a pipeline whose keys share one hash tag, in one round trip. Answers in order; the first error reply is thrown as {@link reach} does. */
export async function reachAll(
  operation: string,
  pipeline: ChainableCommander,
): Promise<readonly unknown[]> {
  const replies = await reach(operation, pipeline.exec());
  if (replies === null) throw new Fault('store_unreachable', `${operation}: pipeline was aborted`);
  return replies.map(([error, value]) => {
    if (error !== null) throw asFault(operation, error);
    return value;
  });
}

function asFault(operation: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const reply = error.name === 'ReplyError' ? codeOf(error) : undefined;
  if (reply !== undefined && !UNAVAILABLE_REPLIES.has(reply)) return error;
  if (error instanceof TypeError || error instanceof Fault) return error;
  const said = reply === undefined ? 'does not answer' : `answers ${reply}`;
  return new Fault('store_unreachable', `${operation}: Redis ${said}`, { cause: error });
}

/** First word of an error reply; of a transaction that was refused, that of the command which was refused first. */
function codeOf(reply: Error): string {
  const refused: unknown = Reflect.get(reply, 'previousErrors');
  const first: unknown = Array.isArray(refused) ? refused[0] : undefined;
  const { message } = first instanceof Error ? first : reply;
  return message.split(' ', 1)[0] ?? '';
}

function connectOne(seed: URL): Redis {
  return new Redis({
    ...optionsOf(seed),
    host: seed.hostname,
    port: portOf(seed),
    db: Number(seed.pathname.slice(1)) || 0,
    retryStrategy: reconnectDelayMs,
  });
}

function connectCluster(seeds: readonly URL[], first: URL): Cluster {
  return new Cluster(
    seeds.map((seed) => ({ host: seed.hostname, port: portOf(seed) })),
    {
      redisOptions: optionsOf(first),
      lazyConnect: true,
      clusterRetryStrategy: reconnectDelayMs,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
    },
  );
}

function optionsOf(seed: URL) {
  return {
    lazyConnect: true,
    commandTimeout: COMMAND_DEADLINE_MS,
    socketTimeout: COMMAND_DEADLINE_MS,
    connectTimeout: CONNECT_DEADLINE_MS,
    maxRetriesPerRequest: RETRIES_PER_COMMAND_MAX,
    ...(seed.username !== '' && { username: decodeURIComponent(seed.username) }),
    ...(seed.password !== '' && { password: decodeURIComponent(seed.password) }),
    ...(seed.protocol === 'rediss:' && { tls: { servername: seed.hostname } }),
  };
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX);
}

function parseSeed(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:')) {
    throw new Fault('config_invalid', 'KPI_REDIS_URL must be redis:// or rediss:// URLs');
  }
  return url;
}

function portOf(seed: URL): number {
  return seed.port === '' ? 6379 : Number(seed.port);
}

/** Hosts for a message; user and password stay out of it. */
function hostsOf(seeds: readonly URL[]): string {
  return seeds.map((seed) => seed.host).join(', ');
}

async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
