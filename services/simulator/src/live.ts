import { SECOND_MS } from '@kpi/core';
import { type Clock, pause } from '@kpi/runtime';

import { type CanonicalEvent, toCanonicalEvent } from './canonical-event.ts';
import { companyDrafts } from './company.ts';
import { type Cursor, createCursor, skip } from './cursor.ts';
import type { Draft } from './draft.ts';
import { BATCH_EVENTS_MAX, type Send } from './sender.ts';
import type { DemoState } from './state.ts';
import { type Timeline, toCompany, toWall } from './timeline.ts';
import { treasuryDrafts } from './treasury.ts';

export interface LiveOptions {
  readonly state: DemoState;
  /** Company days per day on the wall. */
  readonly speed: number;
  readonly clock: Clock;
  readonly send: Send;
  readonly save: (state: DemoState) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Short enough that events trickle in rather than arrive in gusts. */
const TICK_MS = 250;
/** After a crash at most this much is sent again. */
const CHECKPOINT_MS = 10 * SECOND_MS;

/** Continue the company from where history or the last run ended, until the signal aborts. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { clock, signal, speed } = options;
  const begin = resume(options.state, { now: clock(), speed });
  const cursors = await openCursors(begin, signal);
  let { plannedTo, sentTo, treasuryTo } = begin;
  while (!signal.aborted) {
    const now = clock();
    const reached = toCompany(begin.timeline, now);
    if (reached >= plannedTo) {
      plannedTo = Math.ceil(reached + CHECKPOINT_MS * speed);
      await options.save({ ...begin, sentTo, plannedTo, treasuryTo });
    }
    const due = cursors.company.take(reached, BATCH_EVENTS_MAX);
    const published = cursors.treasury.take(now, BATCH_EVENTS_MAX);
    await sendAll(options.send, [...written(due, begin.timeline), ...written(published, [])]);
    const isBehind = due.length === BATCH_EVENTS_MAX;
    sentTo = (isBehind ? due.at(-1)?.sendAt : undefined) ?? reached;
    treasuryTo = now;
    if (!isBehind) await pause(TICK_MS, signal);
    if (signal.aborted) await options.save({ ...begin, sentTo, plannedTo: reached, treasuryTo });
  }
}

async function openCursors(
  { seed, from, liveFrom, sentTo, treasuryTo }: DemoState,
  signal: AbortSignal,
): Promise<{ readonly company: Cursor; readonly treasury: Cursor }> {
  const company = createCursor(companyDrafts({ seed, from, toldFullyFrom: liveFrom }));
  const treasury = createCursor(treasuryDrafts(seed, from));
  await skip(company, sentTo, signal);
  await skip(treasury, treasuryTo, signal);
  return { company, treasury };
}

function written(drafts: readonly Draft[], timeline: Timeline): readonly CanonicalEvent[] {
  return drafts.map((draft) => toCanonicalEvent(draft, timeline));
}

/** The treasury may push a full batch over the limit of a request. */
async function sendAll(send: Send, events: readonly CanonicalEvent[]): Promise<void> {
  for (let index = 0; index < events.length; index += BATCH_EVENTS_MAX) {
    await send(events.slice(index, index + BATCH_EVENTS_MAX));
  }
}

/**
 * The state of a new start. Company time goes on from what was planned, so that whatever may have been sent already is
 * sent again exactly as it was, and nothing happens in between.
 */
export function resume(
  state: DemoState,
  start: { readonly now: number; readonly speed: number },
): DemoState {
  const companyMs = Math.max(state.plannedTo, state.sentTo);
  const wallMs = Math.max(start.now, toWall(state.timeline, companyMs));
  return {
    ...state,
    timeline: [...state.timeline, { companyMs, wallMs, speed: start.speed }],
    plannedTo: companyMs,
  };
}
