import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHistory } from '@kpi/clickhouse';
import { type KpiEvent } from '@kpi/core';
import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { systemClock } from '@kpi/runtime';
import { type LogReport, type VerifyReport, verify, verifyAgainstLog } from '@kpi/verify';
import { archivedOffsets } from '@kpi/redis';

import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { type Child, type ServiceName, startChild } from './child.ts';
import { type Draw, createDraw } from './draw.ts';
import { companyLoad } from './load.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** Kills of one process each. */
  readonly rounds: number;
  /** Events published per round while processes die. */
  readonly eventsPerRound: number;
  readonly onProgress?: (line: string) => void;
}

/** What a run was like and whether anything was lost or doubled. */
export interface ChaosReport {
  readonly seed: number;
  readonly rounds: number;
  readonly kills: Readonly<Record<ServiceName, number>>;
  readonly records: number;
  readonly distinctEvents: number;
  readonly rows: number;
  readonly distinctRows: number;
  readonly history: VerifyReport;
  readonly log: LogReport;
  readonly isClean: boolean;
}

const PARTITIONS = 4;
const EVENTS_PER_BATCH = 250;
/** A killed process is seen as gone by its group after this long. */
const SESSION_TIMEOUT_MS = 1_500;
const CATCH_UP_MS = 120_000;

/** Kill processes at random moments under load, then compare everything with everything. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const pipeline = await createPipeline(PARTITIONS);
  const logs = await mkdtemp(join(tmpdir(), 'kpi-chaos-'));
  const run = new ChaosRun(pipeline, logs, options);
  try {
    const report = await run.execute();
    if (report.isClean) await rm(logs, { recursive: true, force: true });
    else options.onProgress?.(`output of the processes is in ${logs}`);
    return report;
  } finally {
    await run.stop();
    await pipeline.close();
  }
}

class ChaosRun {
  readonly #pipeline: Pipeline;
  readonly #logs: string;
  readonly #options: ChaosOptions;
  readonly #draw: Draw;
  readonly #load: Generator<KpiEvent>;
  readonly #children: Child[] = [];
  readonly #kills = { aggregate: 0, archive: 0 };
  readonly #distinct = new Set<string>();
  #published = 0;
  #started = 0;

  constructor(pipeline: Pipeline, logs: string, options: ChaosOptions) {
    this.#pipeline = pipeline;
    this.#logs = logs;
    this.#options = options;
    this.#draw = createDraw(options.seed);
    this.#load = companyLoad({ draw: createDraw(options.seed + 1), now: Date.now() });
  }

  async execute(): Promise<ChaosReport> {
    const history = createHistory(this.#pipeline.config, this.#pipeline.log);
    try {
      await history.migrate();
      for (const service of ['aggregate', 'archive'] as const) this.#start(service);
      for (let round = 1; round <= this.#options.rounds; round += 1) await this.#round(round);
      await this.#caughtUp();
      return await this.#report(history);
    } finally {
      await history.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.splice(0).map((child) => child.kill()));
  }

  /** Even rounds run a second process of the service that is about to lose one. */
  async #round(round: number): Promise<void> {
    const service: ServiceName = this.#draw.one(['aggregate', 'archive'] as const);
    const wanted = round % 2 === 0 ? 2 : 1;
    while (this.#of(service).length < wanted) this.#start(service);
    const publishing = this.#publish(this.#options.eventsPerRound);
    await wait(500 + this.#draw.below(4_500));
    const victim = this.#draw.one(this.#of(service));
    this.#children.splice(this.#children.indexOf(victim), 1);
    await victim.kill();
    this.#kills[service] += 1;
    await wait(this.#draw.below(700));
    if (this.#of(service).length === 0) this.#start(service);
    await publishing;
    this.#refuseUnexpectedEnds();
    this.#options.onProgress?.(
      `round ${round}/${this.#options.rounds}: killed ${service} (${wanted} running), ${this.#published} records`,
    );
  }

  async #publish(count: number): Promise<void> {
    for (let left = count; left > 0; left -= EVENTS_PER_BATCH) {
      const events = Array.from({ length: Math.min(left, EVENTS_PER_BATCH) }, () => this.#next());
      await this.#pipeline.publish(events);
      this.#published += events.length;
    }
  }

  #next(): KpiEvent {
    const next = this.#load.next();
    if (next.done === true) throw new RangeError('the load has no end');
    const event: KpiEvent = next.value;
    this.#distinct.add(`${event.source} ${event.event_id}`);
    return event;
  }

  #start(service: ServiceName): void {
    this.#started += 1;
    const environment = {
      ...this.#pipeline.environment,
      KPI_KAFKA_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
    };
    this.#children.push(
      startChild({ service, environment, logs: this.#logs, name: `${service}-${this.#started}` }),
    );
  }

  #of(service: ServiceName): readonly Child[] {
    return this.#children.filter((child) => child.service === service);
  }

  #refuseUnexpectedEnds(): void {
    const ends = this.#children.flatMap((child) => child.unexpectedEnd() ?? []);
    if (ends.length > 0) throw new Error(`${ends.join(', ')}; see ${this.#logs}`);
  }

  /** Until live and archive have taken everything that was published. */
  async #caughtUp(): Promise<void> {
    const view = this.#pipeline.view();
    await until(
      'everything is applied and archived',
      async () => {
        this.#refuseUnexpectedEnds();
        await view.reload();
        const archived = await archivedOffsets(this.#pipeline.redis, this.#pipeline.config);
        return (
          sum(Object.values(view.bound())) >= this.#published &&
          sum(archived.values()) >= this.#published
        );
      },
      CATCH_UP_MS,
    );
  }

  async #report(history: ReturnType<typeof createHistory>): Promise<ChaosReport> {
    const { config, redis, topics, kafka, log } = this.#pipeline;
    const counts = await history.partitionCounts();
    const report = await verify({
      live: this.#pipeline.view(),
      history,
      archivedOffsets: () => archivedOffsets(redis, config),
      topics: topics.input,
      clock: systemClock,
    });
    const fromLog = await verifyAgainstLog(this.#pipeline.view(), {
      kafka,
      decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock }),
      topics: topics.input,
      groupId: `${config.KPI_TOPIC_PREFIX}recount`,
      log,
      clock: systemClock,
    });
    const rows = sum(counts.map((one) => one.rows));
    const distinctRows = sum(counts.map((one) => one.events));
    return {
      seed: this.#options.seed,
      rounds: this.#options.rounds,
      kills: this.#kills,
      records: this.#published,
      distinctEvents: this.#distinct.size,
      rows,
      distinctRows,
      history: report,
      log: fromLog,
      isClean:
        report.isClean &&
        fromLog.isClean &&
        rows === this.#published &&
        distinctRows === this.#distinct.size &&
        fromLog.events === this.#published,
    };
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
