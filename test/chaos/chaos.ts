import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type History, createHistory } from '@kpi/clickhouse';
import { Fault, type KpiEvent } from '@kpi/core';
import { type RunningEngines } from '@kpi/engines';
import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { type LiveView, archiveProgress, archivedOffsets } from '@kpi/redis';
import { pause, systemClock } from '@kpi/runtime';
import {
  type LogReport,
  type VerifyReport,
  compareRows,
  liveQuestions,
  verify,
  verifyAgainstLog,
} from '@kpi/verify';

import { logEnds, sum } from '../faults/audit.ts';
import { type Pipeline, createPipeline, erasedOf, until } from '../support/pipeline.ts';
import { createDraw } from './draw.ts';
import { companyLoad } from './load.ts';
import { Crew } from './crew.ts';
import { type RoundKind, type RoundOutcome, runRound } from './rounds.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** What happens, in this order: one act of harm each. */
  readonly rounds: readonly RoundKind[];
  /** Events published per round at least; more while its harm has not healed. */
  readonly eventsPerRound: number;
  /** Engines of this run, whose processes may be killed; those of the environment where absent. */
  readonly engines?: RunningEngines;
  /** A killed process is seen as gone by its group after this long. */
  readonly sessionTimeoutMs: number;
  readonly onProgress?: (line: string) => void;
}

/** What a run was like and whether anything was lost or doubled. */
export interface ChaosReport {
  readonly seed: number;
  readonly rounds: readonly RoundOutcome[];
  /** Records in the log; an outage of a broker makes the publisher repeat some. */
  readonly records: number;
  readonly distinctEvents: number;
  readonly rows: number;
  readonly distinctRows: number;
  /** Partitions that were opened anew because the store had lost what it had acknowledged. */
  readonly setBacks: number;
  readonly history: VerifyReport;
  readonly log: LogReport;
  /** A reader that followed through it all, against one that loads anew. */
  readonly followerDifferences: number;
  readonly isClean: boolean;
}

const PARTITIONS = 8;
const EVENTS_PER_BATCH = 50;
/** Between two batches: the load goes on for as long as a round does, and every partition has work all the time. */
const BATCH_PAUSE_MS = 100;
const PUBLISH_RETRY_MS = 500;
const CATCH_UP_MS = 180_000;
const TENANT = 'acme';

/** Do harm at random moments under load, then compare everything with everything. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const pipeline = await createPipeline(PARTITIONS, { ...options.engines?.urls });
  const logs = await mkdtemp(join(tmpdir(), 'kpi-chaos-'));
  const run = new ChaosRun(pipeline, logs, options);
  try {
    const report = await run.execute();
    await run.stop();
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
  readonly #options: ChaosOptions;
  readonly #load: Generator<KpiEvent>;
  readonly #crew: Crew;
  readonly #distinct = new Set<string>();

  constructor(pipeline: Pipeline, logs: string, options: ChaosOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#load = companyLoad({
      draw: createDraw(options.seed + 1),
      now: Date.now(),
      hasProspects: true,
    });
    const environment = {
      ...pipeline.environment,
      KPI_KAFKA_SESSION_TIMEOUT_MS: String(options.sessionTimeoutMs),
    };
    this.#crew = new Crew({ environment, logs });
  }

  async execute(): Promise<ChaosReport> {
    const history = createHistory(this.#pipeline.config, this.#pipeline.log);
    const follower = this.#pipeline.view();
    try {
      await history.migrate();
      await follower.open();
      for (const service of ['aggregate', 'archive'] as const) this.#crew.start(service);
      const rounds = await this.#rounds(follower);
      await this.#caughtUp(follower);
      this.#options.onProgress?.('everything is applied and archived; comparing');
      return await this.#report(history, follower, rounds);
    } finally {
      await follower.close();
      await history.close();
    }
  }

  stop(): Promise<void> {
    return this.#crew.killAll();
  }

  async #rounds(follower: LiveView): Promise<readonly RoundOutcome[]> {
    const { rounds, seed, engines, onProgress } = this.#options;
    const draw = createDraw(seed);
    const outcomes: RoundOutcome[] = [];
    for (const [index, kind] of rounds.entries()) {
      const healed = new AbortController();
      const publishing = this.#publish(healed.signal);
      const outcome = await runRound(kind, {
        pipeline: this.#pipeline,
        crew: this.#crew,
        follower,
        draw,
        ...(engines !== undefined && { engines }),
      }).finally(() => healed.abort());
      await publishing;
      this.#crew.refuseUnexpectedEnds();
      outcomes.push(outcome);
      onProgress?.(`round ${index + 1}/${rounds.length}: ${JSON.stringify(outcome)}`);
    }
    return outcomes;
  }

  /** At least the events of a round, and until its harm has healed. */
  async #publish(healed: AbortSignal): Promise<void> {
    for (let sent = 0; sent < this.#options.eventsPerRound || !healed.aborted;) {
      const events = Array.from({ length: EVENTS_PER_BATCH }, () => this.#next());
      await this.#publishOnce(events);
      sent += events.length;
      if (!healed.aborted) await pause(BATCH_PAUSE_MS);
    }
  }

  /** As ingest's clients do: what was not acknowledged is sent again, with the same ids. */
  async #publishOnce(events: readonly KpiEvent[]): Promise<void> {
    for (;;) {
      try {
        await this.#pipeline.publish(events);
        return;
      } catch (error) {
        if (!(error instanceof Fault && error.retryable)) throw error;
        await pause(PUBLISH_RETRY_MS);
      }
    }
  }

  #next(): KpiEvent {
    const next = this.#load.next();
    if (next.done === true) throw new RangeError('the load has no end');
    const event: KpiEvent = next.value;
    this.#distinct.add(`${event.source} ${event.event_id}`);
    return event;
  }

  /** Until live, archive and the follower have taken everything that is in the log. */
  async #caughtUp(follower: LiveView): Promise<void> {
    const view = this.#pipeline.view();
    const behind = new Map<string, string>();
    const isCaughtUp = async (): Promise<boolean> => {
      this.#crew.refuseUnexpectedEnds();
      await view.reload();
      const archived = await archivedOffsets(this.#pipeline.redis, this.#pipeline.config);
      const [live, followed] = [view.bound(), follower.bound()];
      behind.clear();
      for (const [place, end] of await logEnds(this.#pipeline)) {
        const reached = [live[place], followed[place], archived.get(place)];
        if (reached.some((offset) => offset !== end))
          behind.set(place, `${end}: live, follower, archive at ${reached.join(', ')}`);
      }
      return behind.size === 0;
    };
    try {
      await until('everything is applied and archived', isCaughtUp, CATCH_UP_MS);
    } catch (error) {
      for (const [place, reached] of behind)
        this.#options.onProgress?.(`${place} ends at ${reached}`);
      throw error;
    }
  }

  async #report(
    history: History,
    follower: LiveView,
    rounds: readonly RoundOutcome[],
  ): Promise<ChaosReport> {
    const { config, redis, topics, kafka, log } = this.#pipeline;
    const counts = await history.partitionCounts();
    const report = await verify({
      live: this.#pipeline.view(),
      history,
      archiveProgress: () => archiveProgress(redis, config),
      topics: topics.input,
      clock: systemClock,
    });
    const fromLog = await verifyAgainstLog(this.#pipeline.view(), {
      kafka,
      decoder: createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock }),
      erased: erasedOf(this.#pipeline),
      topics: topics.input,
      groupId: `${config.KPI_TOPIC_PREFIX}recount`,
      log,
      clock: systemClock,
    });
    const records = sum((await logEnds(this.#pipeline)).values());
    const rows = sum(counts.map((one) => one.rows));
    const distinctRows = sum(counts.map((one) => one.events));
    const followerDifferences = await this.#followerDifferences(follower);
    return {
      seed: this.#options.seed,
      rounds,
      records,
      distinctEvents: this.#distinct.size,
      rows,
      distinctRows,
      setBacks: await this.#crew.said('partition is opened anew'),
      history: report,
      log: fromLog,
      followerDifferences,
      isClean:
        report.isClean &&
        fromLog.isClean &&
        followerDifferences === 0 &&
        rows === records &&
        distinctRows === this.#distinct.size &&
        fromLog.events === records,
    };
  }

  async #followerDifferences(follower: LiveView): Promise<number> {
    const fresh = this.#pipeline.view();
    await fresh.reload();
    const asked = { definitions: fresh.definitionsOf(TENANT), nowMs: Date.now() };
    return liveQuestions(TENANT, asked).flatMap((query) =>
      compareRows(follower.read(query), fresh.read(query)),
    ).length;
  }
}
