import { type ComponentRow, Fault, type KpiQuery } from '@kpi/core';

import type { HistoryReader } from './stores.ts';

export interface QueueOptions {
  /** Reads that run at the same time: each may use several cores of the store. */
  readonly runningMax: number;
  /** Reads that wait their turn; more are refused, because their callers would be gone by then. */
  readonly waitingMax: number;
}

type Rows = readonly ComponentRow[];
type ReadOptions = { readonly signal?: AbortSignal };

/**
 * The same reader with few reads at a time, in order of asking. The same question asked again while it is being answered
 * waits for that answer: many open pages cost as much as one.
 */
export function queueReads(reader: HistoryReader, options: QueueOptions): HistoryReader {
  const inFlight = new Map<string, Promise<Rows>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(): Promise<void> {
    if (running < options.runningMax) {
      running += 1;
      return;
    }
    if (waiting.length >= options.waitingMax) {
      throw new Fault('history_unreachable', `${waiting.length} reads of the history wait already`);
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the place to the next in line; only an empty line frees it. */
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  async function read(query: KpiQuery, readOptions: ReadOptions): Promise<Rows> {
    await turn();
    try {
      if (readOptions.signal?.aborted === true) {
        throw new Fault('history_unreachable', 'the turn of a read came too late');
      }
      return await reader.read(query, readOptions);
    } finally {
      leave();
    }
  }

  return {
    read(query, readOptions = {}) {
      const question = JSON.stringify(query);
      const shared = inFlight.get(question);
      if (shared !== undefined) return shared;
      const answer = read(query, readOptions).finally(() => inFlight.delete(question));
      inFlight.set(question, answer);
      return answer;
    },
  };
}
