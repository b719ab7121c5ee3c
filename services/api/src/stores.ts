import type { ComponentRow, Kpi, KpiQuery } from '@kpi/core';
import { Counter, Histogram, type Metrics } from '@kpi/runtime';

import { within } from './deadline.ts';
import { queueReads } from './history-queue.ts';
import type { PublishedPlace } from './publications.ts';

/** The live store: in memory, for the windows and combinations that are kept. Throws `store_unreachable` once it is old. */
export interface LiveReader {
  canAnswer(query: KpiQuery): boolean;
  read(query: KpiQuery): readonly ComponentRow[];
  /** Last event, in ms, of every source that has sent an event the KPI needs. */
  sources(tenantId: string, kpi: Kpi): Readonly<Record<string, number>>;
  /** How often the value of a window end (RFC 3339) was revised since it was first published. */
  revision(place: PublishedPlace, to: string): number;
}

/** The history store: any window, any as-of time, any definitions. */
export interface HistoryReader {
  read(
    query: KpiQuery,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly ComponentRow[]>;
}

/** What the API reads. */
export interface Stores {
  readonly live: LiveReader;
  readonly history: HistoryReader;
}

/** Far above a healthy answer, below the patience of a client. */
const HISTORY_DEADLINE = {
  ms: 20_000,
  code: 'history_unreachable',
  task: 'a read of the history',
} as const;

/** Enough to keep a store busy; a line longer than this is not answered before its deadline. */
const QUEUE = { runningMax: 4, waitingMax: 64 } as const;

/** The same stores, measured, and where one can wait with a queue and a deadline. */
export function guard(stores: Stores, metrics: Metrics): Stores {
  const history = queueReads(stores.history, QUEUE);
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
  return {
    live: {
      canAnswer: (query) => stores.live.canAnswer(query),
      sources: (tenantId, kpi) => stores.live.sources(tenantId, kpi),
      revision: (place, to) => stores.live.revision(place, to),
      read(query) {
        const stop = seconds.startTimer({ store: 'live' });
        try {
          return stores.live.read(query);
        } catch (error) {
          failures.inc({ store: 'live' });
          throw error;
        } finally {
          stop();
        }
      },
    },
    history: {
      async read(query) {
        const stop = seconds.startTimer({ store: 'history' });
        try {
          return await within(HISTORY_DEADLINE, (signal) => history.read(query, { signal }));
        } catch (error) {
          failures.inc({ store: 'history' });
          throw error;
        } finally {
          stop();
        }
      },
    },
  };
}
