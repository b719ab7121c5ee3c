import type { ComponentRow, Kpi, KpiQuery } from '@kpi/core';
import { Counter, Histogram, type Metrics } from '@kpi/runtime';

import { within } from './deadline.ts';

/** Both stores answer the same questions. */
export interface KpiReader {
  read(query: KpiQuery): Promise<readonly ComponentRow[]>;
}

/** The live store, which keeps some windows and some combinations only. */
export interface LiveReader extends KpiReader {
  canAnswer(query: KpiQuery): boolean;
}

/** What the API reads: the live store, the history store, and what was last heard of each source. */
export interface Stores {
  readonly live: LiveReader;
  readonly history: KpiReader;
  /** Last event, in ms, of every source that has sent an event the KPI needs. */
  freshness(tenantId: string, kpi: Kpi): Promise<Readonly<Record<string, number>>>;
}

/** The live store answers in milliseconds or is in trouble. */
const LIVE_MS_MAX = 2_000;
/** A long history on a busy machine; the client gives up later than this. */
const HISTORY_MS_MAX = 20_000;

/** The same stores with a deadline on every call, and measured. */
export function guard(stores: Stores, metrics: Metrics): Stores {
  const seconds = new Histogram({
    name: 'kpi_api_read_seconds',
    help: 'Time of one read of a store.',
    labelNames: ['store'],
    buckets: [0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'kpi_api_read_failures_total',
    help: 'Reads of a store that failed or took too long.',
    labelNames: ['store'],
    registers: [metrics],
  });
  async function measured<Result>(
    store: 'live' | 'history',
    work: Promise<Result>,
  ): Promise<Result> {
    const stop = seconds.startTimer({ store });
    try {
      return await within(LIMITS[store], work);
    } catch (error) {
      failures.inc({ store });
      throw error;
    } finally {
      stop();
    }
  }
  return {
    live: {
      canAnswer: (query) => stores.live.canAnswer(query),
      read: (query) => measured('live', stores.live.read(query)),
    },
    history: { read: (query) => measured('history', stores.history.read(query)) },
    freshness: (tenantId, kpi) => measured('live', stores.freshness(tenantId, kpi)),
  };
}

const LIMITS = {
  live: { ms: LIVE_MS_MAX, code: 'store_unreachable', task: 'a read of the live store' },
  history: { ms: HISTORY_MS_MAX, code: 'history_unreachable', task: 'a read of the history' },
} as const;
