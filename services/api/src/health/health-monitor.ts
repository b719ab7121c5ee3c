import type { History } from '@kpi/clickhouse';
import {
  type DeadLetterTail,
  type LetterSummary,
  type LogRange,
  type LogRanges,
  type SchemaRegistry,
  type Topics,
} from '@kpi/kafka';
import {
  type LiveView,
  type Presence,
  type RedisClient,
  type VerifyResult,
  archivedOffsets,
  readPresences,
  readVerifyResult,
} from '@kpi/redis';
import type { Clock, EngineConfig } from '@kpi/runtime';

import type { Publications } from '../publications.ts';
import { check } from './checks.ts';
import type { EventRate } from './event-rate.ts';
import type { HealthAnswer } from './health-answer.ts';
import { type Lag, lagOf } from './lag.ts';
import { lettersByReason } from './letters.ts';
import { findProblems } from './problems.ts';

export interface HealthSources {
  readonly config: EngineConfig;
  readonly client: RedisClient;
  readonly view: LiveView;
  readonly publications: Publications;
  readonly history: Pick<History, 'ping'>;
  readonly ranges: LogRanges;
  readonly letters: DeadLetterTail;
  readonly registry: Pick<SchemaRegistry, 'ping'>;
  readonly topics: Topics;
  readonly rate: EventRate;
  readonly clock: Clock;
}

/** Tells how the pipeline is, for the eyes of one tenant. */
export type ReadHealth = (tenantId: string) => Promise<HealthAnswer>;

/** Many open pages cost the engines as much as one. */
const SHARED_MS = 1_000;
const LETTERS_SHOWN = 10;

/** What is the same for every tenant. */
type Common = Omit<HealthAnswer, 'sources' | 'dead_letters'> & {
  readonly kept: number | null;
};

export function createHealth(sources: HealthSources): ReadHealth {
  const { clock, view, letters } = sources;
  let shared: { readonly at: number; readonly common: Promise<Common> } | undefined;
  return async (tenantId) => {
    const now = clock();
    if (shared === undefined || now - shared.at >= SHARED_MS)
      shared = { at: now, common: readCommon(sources) };
    const { kept, ...common } = await shared.common;
    const known = ownLetters(letters.read(), tenantId);
    return {
      ...common,
      sources: [...view.sources(tenantId)]
        .map(([source, at]) => ({ source, last_event_at: iso(at) }))
        .toSorted((a, b) => a.source.localeCompare(b.source)),
      dead_letters: { kept, by_reason: lettersByReason(known), latest: latestOf(known) },
    };
  };
}

async function readCommon(sources: HealthSources): Promise<Common> {
  const { config, client, history, registry, view, publications, rate, clock } = sources;
  const [redis, kafka, schemas, clickhouse] = await Promise.all([
    check('redis', clock, () =>
      Promise.all([
        archivedOffsets(client, config),
        readPresences({ client, prefix: config.KPI_REDIS_PREFIX, clock }),
        readVerifyResult(client, config),
      ]),
    ),
    check('kafka', clock, () => readRanges(sources)),
    check('registry', clock, () => registry.ping()),
    check('clickhouse', clock, () => history.ping()),
  ]);
  const [archived, presences = [], verified] = redis.answer ?? [];
  const engines = [kafka, schemas, redis, clickhouse].map(({ engine }) => engine);
  const processes = presences.map(processOf);
  const verify = verified === undefined ? null : verificationOf(verified);
  const lag =
    archived === undefined || kafka.answer === undefined
      ? null
      : answerOf(lagOf({ ranges: kafka.answer.input, applied: view.bound(), archived }));
  const problems = findProblems({ engines, processes, verify, lag });
  const { perSecond, overMs } = rate.read();
  return {
    at: iso(clock()),
    status: problems.length === 0 ? 'ok' : 'degraded',
    problems: [...problems],
    events: { counted: countEvents(view), per_second: perSecond, over_s: overMs / 1_000 },
    live: {
      fresh_at: iso(view.freshAt),
      published_at:
        publications.publisherSeenAt === undefined ? null : iso(publications.publisherSeenAt),
    },
    lag,
    kept: kafka.answer?.kept ?? null,
    verify,
    engines,
    processes,
  };
}

interface Ranges {
  readonly input: ReadonlyMap<string, ReadonlyMap<number, LogRange>>;
  readonly kept: number;
}

async function readRanges({ ranges, topics }: HealthSources): Promise<Ranges> {
  const [letters, ...input] = await Promise.all(
    [topics.deadLetters, ...topics.input].map(
      async (topic) => [topic, await ranges.read(topic)] as const,
    ),
  );
  const kept = [...(letters?.[1].values() ?? [])].reduce(
    (sum, { start, end }) => sum + end - start,
    0,
  );
  return { input: new Map(input), kept };
}

function answerOf({ partitions, topics, ...behind }: Lag): HealthAnswer['lag'] {
  return {
    ...behind,
    topics: [...topics],
    partitions: partitions.map(({ retentionUsed, ...one }) => ({
      ...one,
      retention_used: retentionUsed,
    })),
  };
}

/** Letters of the tenant itself and of nobody known; what other tenants send is none of its business. */
function ownLetters(letters: readonly LetterSummary[], tenantId: string): readonly LetterSummary[] {
  return letters.filter(({ tenant_id: owner }) => owner === null || owner === tenantId);
}

function latestOf(letters: readonly LetterSummary[]) {
  return letters.slice(0, LETTERS_SHOWN).map(({ refused_at, reason, path, source, origin }) => ({
    refused_at: iso(refused_at),
    reason,
    path,
    source,
    origin: origin.kind === 'topic' ? origin.topic : origin.kind,
  }));
}

function processOf({ is_ready, seen_at, started_at, ...known }: Presence) {
  return { ...known, started_at: iso(started_at), seen_at: iso(seen_at), ready: is_ready };
}

function verificationOf({ at, is_clean, ...found }: VerifyResult) {
  return { ...found, at: iso(at), clean: is_clean };
}

const EVENTS = 'events:';

/** Events applied to the live store since it was made. */
export function countEvents(view: LiveView): number {
  const counts = view.positions().flatMap((position) => [...position.counts]);
  return counts.reduce((sum, [name, count]) => (name.startsWith(EVENTS) ? sum + count : sum), 0);
}

/** An instant in ms as the API writes it. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
