import { hostname } from 'node:os';

import { Fault } from '@kpi/core';
import {
  type Clock,
  type Logger,
  type Readiness,
  type Service,
  VERSION,
  pause,
} from '@kpi/runtime';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';

/** How often a process says that it is there. */
const ANNOUNCE_MS = 3_000;
/** Silent for so long it is gone, without a farewell: killed, or cut off. */
const ABSENT_MS = 15_000;
/** A store that is away must not hold up the end of a service. */
const FAREWELL_MS_MAX = 1_000;

/** This process, as people find it. */
const INSTANCE = `${hostname()}:${process.pid}`;

const PRESENCE = z.object({
  service: z.string(),
  instance: z.string(),
  version: z.string(),
  started_at: z.int(),
  seen_at: z.int(),
  is_ready: z.boolean(),
  reason: z.string().nullable(),
});

/** What a running service says of itself; times in ms. */
export type Presence = Readonly<z.output<typeof PRESENCE>>;

export interface PresenceOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The same service, which from now on says every few seconds in Redis that it is there and whether it makes progress, until
 * it is closed. The connection must outlive that.
 */
export function withPresence<Announced extends Service>(
  service: Announced,
  options: PresenceOptions,
): Announced {
  const { client, prefix, log } = options;
  const stop = new AbortController();
  const field = fieldOf(service);
  void announce(service, options, stop.signal);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stop.abort();
    const farewell = attempt(log, () => client.hdel(presenceKey(prefix), field));
    await Promise.race([farewell, pause(FAREWELL_MS_MAX)]);
    await service.close();
  };
  return { ...service, close: () => (closing ??= close()) };
}

/** Every service that was there a moment ago, by name, then by process. Throws `store_unreachable`. */
export async function readPresences(
  options: Pick<PresenceOptions, 'client' | 'prefix' | 'clock'>,
): Promise<readonly Presence[]> {
  const { client, prefix, clock } = options;
  const said = await reach('read presences', client.hgetall(presenceKey(prefix)));
  const now = clock();
  return Object.values(said)
    .map((text) => PRESENCE.parse(JSON.parse(text)))
    .filter((one) => now - one.seen_at < ABSENT_MS)
    .toSorted((a, b) => a.service.localeCompare(b.service) || a.instance.localeCompare(b.instance));
}

async function announce(
  service: Service,
  options: PresenceOptions,
  signal: AbortSignal,
): Promise<void> {
  const { client, prefix, clock, log } = options;
  const known = {
    service: service.name,
    instance: INSTANCE,
    version: VERSION,
    started_at: clock(),
  };
  while (!signal.aborted) {
    const { isReady, reason = null } = await readinessOf(service);
    if (signal.aborted) return;
    const presence: Presence = { ...known, seen_at: clock(), is_ready: isReady, reason };
    await attempt(log, () =>
      client.hset(presenceKey(prefix), fieldOf(service), JSON.stringify(presence)),
    );
    await attempt(log, () => forgetAbsent(options));
    await pause(ANNOUNCE_MS, signal);
  }
}

async function readinessOf(service: Service): Promise<Readiness> {
  try {
    return await service.readiness();
  } catch (error) {
    const reason = error instanceof Fault ? error.detail : 'readiness cannot be determined';
    return { isReady: false, reason };
  }
}

/** Whoever is still there removes those that went without a farewell, so that the hash does not grow with every restart. */
async function forgetAbsent({ client, prefix, clock }: PresenceOptions): Promise<void> {
  const key = presenceKey(prefix);
  const now = clock();
  const said = await client.hgetall(key);
  const absent = Object.entries(said).filter(
    ([, text]) => now - PRESENCE.parse(JSON.parse(text)).seen_at >= ABSENT_MS,
  );
  if (absent.length > 0) await client.hdel(key, ...absent.map(([field]) => field));
}

/** Nobody works less well because of this, so a store that is away is none of our business: others say so. */
async function attempt(log: Logger, work: () => Promise<unknown>): Promise<void> {
  try {
    await reach('announce', work());
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.debug({ err: error }, 'presence not announced');
  }
}

function fieldOf({ name }: Service): string {
  return `${name}@${INSTANCE}`;
}

function presenceKey(prefix: string): string {
  return `${prefix}:presences`;
}
