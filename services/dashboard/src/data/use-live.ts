import { useEffect, useReducer } from 'preact/hooks';

import type { Status } from './answers.ts';
import type { Refusal } from './client.ts';
import { type LiveValues, NO_VALUES, withValue } from './live-values.ts';
import { type StreamEvent, followStream } from './stream.ts';

/** How the page stands with the server. `since` is when it last was well, in ms of the server's clock. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Connected, but the numbers do not follow the events. */
  | { readonly kind: 'stale'; readonly since: number }
  | { readonly kind: 'reconnecting'; readonly since: number | undefined };

export interface Live {
  readonly values: LiveValues;
  /** Whether all current values have been told: what is absent then does not exist. */
  readonly isComplete: boolean;
  /** Whether those of history have been read too. */
  readonly isRecorded: boolean;
  readonly status: Status | undefined;
  readonly connection: Connection;
  /** Why the server says no, if it does. */
  readonly refusal: Refusal | undefined;
}

/** The evaluator works four times a second and the view follows ten times: this old, something stands still. */
const STALE_MS = 10_000;

export const BEFORE: Live = {
  values: NO_VALUES,
  isComplete: false,
  isRecorded: false,
  status: undefined,
  connection: { kind: 'connecting' },
  refusal: undefined,
};

/** What arrives together is drawn once. */
const GATHER_MS = 50;

/** The current values of a selection, as the stream brings them. Another selection keeps what is known until it has answered; without one nothing is asked. */
export function useLive(query: string | undefined): Live {
  const [{ live }, dispatch] = useReducer(takeAll, { live: BEFORE, snapshot: undefined });
  useEffect(() => {
    if (query === undefined) return undefined;
    const stop = new AbortController();
    let gathered: LiveEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deliver = (): void => {
      dispatch(gathered);
      gathered = [];
      timer = undefined;
    };
    const onEvent = (event: LiveEvent): void => {
      gathered.push(event);
      timer ??= setTimeout(deliver, GATHER_MS);
    };
    const listener = {
      onEvent,
      onOpen: () => onEvent({ kind: 'open' }),
      onLost: (refusal: Refusal) => onEvent({ kind: 'lost', refusal }),
    };
    void followStream(new URLSearchParams(query), listener, stop.signal);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [query]);
  return live;
}

/** What happens to a stream, besides what it says. */
export type LiveEvent =
  | StreamEvent
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly refusal: Refusal };

/** What is shown, and a snapshot that is not complete yet. */
export interface Taking {
  readonly live: Live;
  readonly snapshot: LiveValues | undefined;
}

export function takeAll(taking: Taking, events: readonly LiveEvent[]): Taking {
  return events.reduce(take, taking);
}

function take({ live, snapshot }: Taking, event: LiveEvent): Taking {
  switch (event.kind) {
    case 'open':
      return { live: { ...live, refusal: undefined }, snapshot: undefined };
    case 'lost':
      return { live: lost(live, event.refusal), snapshot: undefined };
    case 'reset':
      return { live, snapshot: NO_VALUES };
    case 'ready':
      return {
        live: { ...live, values: snapshot ?? live.values, isComplete: true },
        snapshot: undefined,
      };
    case 'value':
      return snapshot === undefined
        ? { live: { ...live, values: withValue(live.values, event.value) }, snapshot }
        : { live, snapshot: withValue(snapshot, event.value) };
    case 'status':
      return {
        live: { ...live, status: event.status, connection: connectionOf(event.status) },
        snapshot,
      };
  }
}

/** Whether the numbers follow: everything by the server's own clock. */
export function connectionOf(status: Status): Connection {
  const now = Date.parse(status.at);
  const confirmed = [status.fresh_at, status.published_at ?? status.fresh_at].map(Date.parse);
  const since = Math.min(...confirmed);
  return now - since > STALE_MS ? { kind: 'stale', since } : { kind: 'live' };
}

/** What is shown, with the values that come from history. */
export function withRecorded(live: Live, recorded: LiveValues | undefined): Live {
  if (recorded === undefined) return live;
  return { ...live, isRecorded: true, values: new Map([...live.values, ...recorded]) };
}

function lost(known: Live, refusal: Refusal): Live {
  const since = known.status === undefined ? undefined : Date.parse(known.status.at);
  const connection: Connection = { kind: 'reconnecting', since };
  return { ...known, refusal, connection };
}
