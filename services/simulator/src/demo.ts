import { DAY_MS, Fault, SECOND_MS, days } from '@kpi/core';
import { type Readiness, type Service, type ServiceContext } from '@kpi/runtime';

import { runLive } from './live.ts';
import { type LoadProgress, loadHistory } from './load.ts';
import type { SimulatorConfig } from './options.ts';
import { type Send, createSender } from './sender.ts';
import { type DemoState, readState, writeState } from './state.ts';

/** The demo company as a running service. */
export interface Demo extends Service {
  /** Resolves when the history is in ingest, with what this start had to send; rejects when it cannot be. */
  readonly loaded: Promise<LoadProgress>;
}

export interface DemoHooks {
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** Events that the company reports in one day of its own time once history has ended; measured. */
const EVENTS_PER_COMPANY_DAY = 4_600;

/**
 * Tell the story of the demo company to ingest: first its history, then its life as it goes on, faster than the clock. A second
 * start goes on where the last one ended. What is sent again after a crash is sent exactly as before.
 */
export async function start(
  config: SimulatorConfig,
  context: ServiceContext,
  hooks: DemoHooks = {},
): Promise<Demo> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const state = await openState(config, context.clock());
  const send = createSender({
    url: config.KPI_DEMO_URL,
    tenant: config.KPI_DEMO_TENANT,
    ...(config.KPI_DEMO_KEY === undefined ? {} : { key: config.KPI_DEMO_KEY }),
    log: context.log,
    signal,
  });
  const story = { config, context, hooks, send, signal };
  const loading = tellHistory(story, state);
  let failure: unknown;
  const loaded = loading.then(({ progress }) => progress);
  // Whoever waits for it sees the failure; nobody has to.
  loaded.catch(() => undefined);
  const running = loading
    .then(async ({ state: told }) => tellLife(story, told))
    .catch((error: unknown) => {
      if (signal.aborted) return;
      failure = error;
      context.onFatal(error);
    });
  return {
    name: 'demo',
    loaded,
    readiness: async () => readinessOf(failure),
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

const ALL_SENT: LoadProgress = { events: 0, refused: 0, share: 1 };

interface Story {
  readonly config: SimulatorConfig;
  readonly context: ServiceContext;
  readonly hooks: DemoHooks;
  readonly send: Send;
  readonly signal: AbortSignal;
}

async function tellHistory(
  story: Story,
  before: DemoState,
): Promise<{ readonly state: DemoState; readonly progress: LoadProgress }> {
  const { config, context, hooks, send, signal } = story;
  let state = before;
  if (before.sentTo >= before.liveFrom) return { state, progress: ALL_SENT };
  const progress = await loadHistory({
    state,
    send,
    signal,
    onBatch: async (sentTo, batch) => {
      state = { ...state, sentTo };
      await writeState(config.KPI_DEMO_STATE, state);
      hooks.onProgress?.(batch);
    },
  });
  state = { ...state, sentTo: state.liveFrom };
  await writeState(config.KPI_DEMO_STATE, state);
  context.log.info({ ...progress }, 'history sent');
  return { state, progress };
}

async function tellLife(story: Story, state: DemoState): Promise<void> {
  const { config, context, send, signal } = story;
  await runLive({
    state,
    speed: (config.KPI_DEMO_RATE * (DAY_MS / SECOND_MS)) / EVENTS_PER_COMPANY_DAY,
    clock: context.clock,
    send,
    signal,
    save: (next) => writeState(config.KPI_DEMO_STATE, next),
  });
}

/** The state of the last start, or a new company that has existed for as long as the configuration says. */
async function openState(config: SimulatorConfig, now: number): Promise<DemoState> {
  const known = await readState(config.KPI_DEMO_STATE);
  if (known === undefined) {
    const from = now - days(config.KPI_DEMO_DAYS);
    const sentTo = from - days(config.KPI_DEMO_DAYS);
    const { KPI_DEMO_SEED: seed } = config;
    return {
      version: 1,
      seed,
      from,
      liveFrom: now,
      timeline: [],
      sentTo,
      plannedTo: now,
      treasuryTo: now,
    };
  }
  if (known.seed !== config.KPI_DEMO_SEED) {
    throw new Fault(
      'config_invalid',
      `KPI_DEMO_SEED: ${config.KPI_DEMO_STATE} is of the company "${known.seed}"`,
    );
  }
  return known;
}

function readinessOf(failure: unknown): Readiness {
  if (failure === undefined) return { isReady: true };
  return { isReady: false, reason: failure instanceof Fault ? failure.detail : 'the demo failed' };
}
