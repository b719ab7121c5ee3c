import { type RunningEngines } from '@kpi/engines';
import { rebuildInstallation } from '@kpi/live';
import { type LiveView } from '@kpi/redis';
import { pause, systemClock } from '@kpi/runtime';

import { type Pipeline, until } from '../support/pipeline.ts';
import { type ServiceName } from './child.ts';
import { type Crew } from './crew.ts';
import { type Draw } from './draw.ts';
import {
  type EngineActOptions,
  failOver,
  freezeBroker,
  freezeHistory,
  freezeMaster,
  loseLeader,
} from './engine-acts.ts';
import { Stillness } from './stillness.ts';

/** Harm to processes of ours. */
const SERVICE_KINDS = [
  'kill one aggregate',
  'kill one of two aggregates',
  'kill one of four aggregates',
  'stop one of two aggregates',
  'freeze one of two aggregates',
  'kill one archive',
  'kill one of two archives',
  'freeze one of two archives',
  'freeze ClickHouse',
] as const;

/** Harm to engines that are clusters. */
const CLUSTER_KINDS = [
  'lose a Redis master',
  'freeze a Redis master',
  'lose the leading broker',
  'freeze the leading broker',
] as const;

/** Counts everything anew, which takes the longer the longer a run is. */
const LONG_KINDS = ['kill one aggregate during a rebuild'] as const;

export type RoundKind =
  | (typeof SERVICE_KINDS)[number]
  | (typeof CLUSTER_KINDS)[number]
  | (typeof LONG_KINDS)[number];

/** Kinds of rounds that are drawn; those that engines without a cluster allow. */
export function roundKinds(isCluster: boolean): readonly RoundKind[] {
  return isCluster ? [...SERVICE_KINDS, ...CLUSTER_KINDS] : SERVICE_KINDS;
}

/** The same, and those that must be asked for. */
export function allRoundKinds(isCluster: boolean): readonly RoundKind[] {
  return [...roundKinds(isCluster), ...LONG_KINDS];
}

/** As many rounds as asked for, each kind before any comes again, in a drawn order. */
export function drawRounds(
  draw: Draw,
  count: number,
  kinds: readonly RoundKind[],
): readonly RoundKind[] {
  const rounds: RoundKind[] = [];
  while (rounds.length < count) {
    const left = [...kinds];
    while (left.length > 0) rounds.push(...left.splice(draw.below(left.length), 1));
  }
  return rounds.slice(0, count);
}

/** What happened in a round. */
export interface RoundOutcome {
  readonly kind: RoundKind;
  readonly did: string;
  /** The longest time that a partition of the live store stood still while it had work, ms: the worst and the median of all. */
  readonly stillMs: { readonly worst: number; readonly median: number };
}

export interface RoundOptions {
  readonly pipeline: Pipeline;
  readonly crew: Crew;
  /** A view that follows the live store. */
  readonly follower: LiveView;
  readonly draw: Draw;
  readonly engines?: RunningEngines;
}

/** Above the session timeout of the runs: its group has given a frozen process up when it wakes. */
const FROZEN_MS = 8_000;
const SETTLED_MS = 120_000;
const HEALED_MS = 120_000;

/** Do one harm while events come, and wait until every partition moves again. */
export async function runRound(kind: RoundKind, options: RoundOptions): Promise<RoundOutcome> {
  await prepare(kind, options);
  await pause(500 + options.draw.below(2_000));
  const stillness = new Stillness(() => progressOf(options.follower));
  try {
    let harmedAt = performance.now();
    const onHarm = (): void => void (harmedAt = performance.now());
    const did = await ACTS[kind]({ ...options, onHarm });
    await until(
      `every partition moves after: ${did}`,
      () => {
        options.crew.refuseUnexpectedEnds();
        return stillness.hasMovedSince(harmedAt + BLUR_MS);
      },
      HEALED_MS,
    );
    return { kind, did, stillMs: summary(stillness.end()) };
  } finally {
    stillness.end();
  }
}

/** The follower is behind by up to this much. */
const BLUR_MS = 300;

/** As many processes as the round needs, at work on all partitions. */
async function prepare(kind: RoundKind, { crew, follower }: RoundOptions): Promise<void> {
  const wanted = { aggregate: 1, archive: 1 };
  const count = kind.includes('four') ? 4 : kind.includes('two') ? 2 : 1;
  wanted[kind.includes('archive') ? 'archive' : 'aggregate'] = count;
  for (const service of ['aggregate', 'archive'] as const) {
    for (const extra of crew.of(service).slice(wanted[service])) {
      crew.release(extra);
      await extra.stop();
    }
    while (crew.of(service).length < wanted[service]) crew.start(service);
  }
  const began = performance.now();
  const settling = new Stillness(() => progressOf(follower));
  try {
    await until(
      'all partitions are worked on',
      () => {
        crew.refuseUnexpectedEnds();
        return settling.hasMovedSince(began + JOIN_MS);
      },
      SETTLED_MS,
    );
  } finally {
    settling.end();
  }
}

/** A process that was started joins its group within this time, even on a busy machine. */
const JOIN_MS = 6_000;

interface ActOptions extends RoundOptions {
  readonly onHarm: () => void;
}

const ACTS: Readonly<Record<RoundKind, (options: ActOptions) => Promise<string>>> = {
  'kill one aggregate': (options) => kill('aggregate', options),
  'kill one of two aggregates': (options) => kill('aggregate', options),
  'kill one of four aggregates': (options) => kill('aggregate', options),
  'stop one of two aggregates': (options) => stop('aggregate', options),
  'freeze one of two aggregates': (options) => freeze('aggregate', options),
  'kill one archive': (options) => kill('archive', options),
  'kill one of two archives': (options) => kill('archive', options),
  'freeze one of two archives': (options) => freeze('archive', options),
  'kill one aggregate during a rebuild': killDuringRebuild,
  'freeze ClickHouse': (options) => freezeHistory(withEngines(options)),
  'lose a Redis master': (options) => failOver(withEngines(options)),
  'freeze a Redis master': (options) => freezeMaster(withEngines(options)),
  'lose the leading broker': (options) => loseLeader(withEngines(options)),
  'freeze the leading broker': (options) => freezeBroker(withEngines(options)),
};

/** SIGKILL; a successor starts only when nobody else is there. */
async function kill(service: ServiceName, { crew, draw, onHarm }: ActOptions): Promise<string> {
  const crowd = crew.of(service);
  const victim = draw.one(crowd);
  crew.release(victim);
  await victim.kill();
  onHarm();
  if (crowd.length === 1) crew.start(service);
  return `killed one of ${crowd.length} ${service}`;
}

/** Everything is counted anew beside the store in use, from either source, while workers of that one die and come back. */
async function killDuringRebuild(options: ActOptions): Promise<string> {
  const { pipeline, draw } = options;
  const { config, log } = pipeline;
  const source = draw.one(['kafka', 'clickhouse'] as const);
  const moment = draw.below(REBUILDING_MS);
  const [{ generation }, did] = await Promise.all([
    rebuildInstallation({ config, source, log, clock: systemClock }),
    pause(moment).then(() => kill('aggregate', options)),
  ]);
  return `${did}, while generation ${generation} was counted from ${source}`;
}

/** Most rebuilds of a run take longer than this. */
const REBUILDING_MS = 4_000;

async function stop(service: ServiceName, { crew, draw, onHarm }: ActOptions): Promise<string> {
  const crowd = crew.of(service);
  const victim = draw.one(crowd);
  crew.release(victim);
  onHarm();
  await victim.stop();
  return `stopped one of ${crowd.length} ${service} in order`;
}

/** It stands still until its group has given it up, and wakes without knowing. */
async function freeze(service: ServiceName, { crew, draw, onHarm }: ActOptions): Promise<string> {
  const crowd = crew.of(service);
  const victim = draw.one(crowd);
  await victim.freeze();
  onHarm();
  await pause(FROZEN_MS);
  await victim.thaw();
  return `one of ${crowd.length} ${service} stood still`;
}

function withEngines(options: ActOptions): EngineActOptions {
  const { pipeline, draw, onHarm, engines } = options;
  return { pipeline, draw, onHarm, nodes: engines?.nodes ?? NO_NODES };
}

const NO_NODES: EngineActOptions['nodes'] = {
  KPI_KAFKA_BROKERS: [],
  KPI_REGISTRY_URL: [],
  KPI_REDIS_URL: [],
  KPI_CLICKHOUSE_URL: [],
};

function progressOf(view: LiveView): ReadonlyMap<number, number> {
  return new Map(
    view
      .positions()
      .map(({ partition, offsets }) => [
        partition,
        [...offsets.values()].reduce((total, offset) => total + offset, 0),
      ]),
  );
}

function summary(longestMs: ReadonlyMap<number, number>): RoundOutcome['stillMs'] {
  const sorted = [...longestMs.values()].toSorted((a, b) => a - b);
  return { worst: sorted.at(-1) ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}
