import { type KpiEvent } from '@kpi/core';
import { systemClock } from '@kpi/runtime';
import { type Verification, openVerification } from '@kpi/verify';
import { expect } from 'vitest';

import { type Pipeline, createPipeline } from '../support/pipeline.ts';
import { untilCaughtUp } from './audit.ts';
import { type Stage, type StageService, createStage } from './stage.ts';

/** A pipeline with its services, and what says whether its live values are right. */
export class VerifiedStage {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly #verification: Verification;

  constructor(pipeline: Pipeline, stage: Stage, verification: Verification) {
    this.pipeline = pipeline;
    this.stage = stage;
    this.#verification = verification;
  }

  /** Write events to the log, and wait until aggregate and archive have them. */
  async publish(events: readonly KpiEvent[]): Promise<void> {
    await this.pipeline.publish(events);
    await untilCaughtUp(this.pipeline);
  }

  /** The live store is what a recount of the log makes, and no service has failed. */
  async expectRecounted(): Promise<void> {
    await untilCaughtUp(this.pipeline);
    const report = await this.#verification.againstLog();
    expect(report).toMatchObject({ disagreements: [], isClean: true });
    expect(this.stage.failures).toEqual([]);
  }

  /** And history is the same, with a row for every record that was not erased. */
  async expectClean(): Promise<void> {
    await this.expectRecounted();
    const report = await this.#verification.againstHistory();
    expect(report).toMatchObject({ disagreements: [], isClean: true });
  }

  async close(): Promise<void> {
    await this.#verification.close();
    await this.stage.close();
  }
}

export async function createVerifiedStage(
  partitions: number,
  services: readonly StageService[] = ['aggregate', 'archive'],
): Promise<VerifiedStage> {
  const pipeline = await createPipeline(partitions);
  const stage = await createStage(pipeline);
  await stage.start(services, { KPI_ARCHIVE_WAIT_MS: '100' });
  const { config, log } = pipeline;
  return new VerifiedStage(
    pipeline,
    stage,
    await openVerification({ config, log, clock: systemClock }),
  );
}
