import { toCanonicalEvent } from './canonical-event.ts';
import type { Draft } from './draft.ts';
import { historyDrafts } from './history.ts';
import { BATCH_EVENTS_MAX, type Send, type Sent } from './sender.ts';
import type { DemoState } from './state.ts';

/** How far the history has come. */
export interface LoadProgress {
  readonly events: number;
  readonly refused: number;
  /** Share of the company's days that are sent, 0 to 1. */
  readonly share: number;
}

export interface LoadOptions {
  readonly state: DemoState;
  readonly send: Send;
  readonly signal: AbortSignal;
  /** Called after every batch that ingest has taken; `sentTo` is the instant reached without a gap. */
  readonly onBatch: (sentTo: number, progress: LoadProgress) => Promise<void>;
}

/** Enough to keep ingest busy while the next batch is drawn; each holds up to a megabyte. */
const REQUESTS_IN_FLIGHT = 4;

interface InFlight {
  readonly sent: Promise<Sent>;
  readonly sentTo: number;
}

/** Send the history from `state.sentTo` on, several requests at a time, waiting for the oldest before sending one more. */
export async function loadHistory(options: LoadOptions): Promise<LoadProgress> {
  const { seed, from, liveFrom, sentTo } = options.state;
  const inFlight: InFlight[] = [];
  let progress: LoadProgress = { events: 0, refused: 0, share: 0 };
  const settleOldest = async (): Promise<void> => {
    const oldest = inFlight.shift();
    if (oldest === undefined) return;
    const { accepted, refused } = await oldest.sent;
    progress = {
      events: progress.events + accepted,
      refused: progress.refused + refused,
      share: (oldest.sentTo - from) / (liveFrom - from),
    };
    await options.onBatch(oldest.sentTo, progress);
  };
  const history = historyDrafts({ seed, from, to: liveFrom, after: sentTo });
  for (const batch of batches(history)) {
    if (inFlight.length === REQUESTS_IN_FLIGHT) await settleOldest();
    options.signal.throwIfAborted();
    const sent = options.send(batch.map((draft) => toCanonicalEvent(draft, [])));
    // A later batch may fail while an earlier one is awaited; it is looked at when its turn comes.
    sent.catch(() => undefined);
    inFlight.push({ sent, sentTo: batch.at(-1)?.sendAt ?? sentTo });
  }
  while (inFlight.length > 0) await settleOldest();
  return progress;
}

function* batches(drafts: Iterable<Draft>): Generator<readonly Draft[]> {
  let batch: Draft[] = [];
  for (const draft of drafts) {
    batch.push(draft);
    if (batch.length < BATCH_EVENTS_MAX) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
