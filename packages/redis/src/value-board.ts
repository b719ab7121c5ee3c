import { Fault } from '@kpi/core';

import { type RedisClient, reachAll } from './connection.ts';
import { wholeNumber } from './partition-state.ts';
import { recordOf } from './redis-hash.ts';
import { loadScript, runScript } from './script.ts';

const HOLD = loadScript('hold-lease');
const PUBLISH = loadScript('publish-values');

/** Values that a reader may have missed and still resume after. */
const STREAM_MAX = 10_000;
/** Values published by one script. */
const VALUES_PER_SCRIPT_MAX = 500;
const VALUES_PER_READ = 500;

/** One published value: where it belongs, and its envelope as JSON. */
export interface PublishedValue {
  readonly address: string;
  readonly json: string;
}

/** A published value with its place in the stream. */
export interface PlacedValue extends PublishedValue {
  readonly id: string;
  /** Id of the value published before it; empty for the very first. */
  readonly after: string;
}

/** A held lease, and where the board stands. */
export interface Lease {
  readonly epoch: number;
  /** Id of the last published value; empty before the first. */
  readonly last: string;
}

/** What was published after some id. */
export interface Continuation {
  /** False when something between is no longer kept, or the id is not of this board: then the current values are the way on. */
  readonly isContinuous: boolean;
  /** Oldest first, a page at most. */
  readonly values: readonly PlacedValue[];
  /** When the lease runs out, by the store's clock; it moves as long as an evaluator works. */
  readonly leaseUntil: number;
}

/** All current values, and the id of the one published last. */
export interface BoardState {
  readonly last: string;
  /** JSON by address. */
  readonly values: ReadonlyMap<string, string>;
}

/** The current values and their stream, published by one evaluator at a time and read by any process. */
export class ValueBoard {
  readonly #client: RedisClient;
  readonly #keys: { readonly lease: string; readonly values: string; readonly stream: string };

  constructor(options: { readonly client: RedisClient; readonly prefix: string }) {
    this.#client = options.client;
    const tag = `${options.prefix}:{values}`;
    this.#keys = { lease: `${tag}:lease`, values: `${tag}:current`, stream: `${tag}:stream` };
  }

  /**
   * Hold the lease for `ttlMs` from now; undefined while another holds it. A new term, also of the same holder, has a new
   * epoch, and no epoch is ever given out twice.
   */
  async hold(
    holder: string,
    ttlMs: number,
    options: { readonly isNewTerm?: boolean } = {},
  ): Promise<Lease | undefined> {
    const answer = await runScript(this.#client, HOLD, {
      keys: [this.#keys.lease],
      args: [holder, ttlMs, options.isNewTerm === true ? 1 : 0],
    });
    const [isHeld, epoch, last]: readonly unknown[] = Array.isArray(answer) ? answer : [];
    return isHeld === 1 ? { epoch: wholeNumber('epoch', epoch), last: String(last) } : undefined;
  }

  /**
   * Publish in order after what was published last; answers with the lease for the next call. Throws `ownership_lost` when the
   * lease went to another, `store_corrupt` when the board was set back or changed by somebody else.
   */
  async publish(held: Lease, values: readonly PublishedValue[]): Promise<Lease> {
    const { lease, values: current, stream } = this.#keys;
    let { last } = held;
    for (let from = 0; from < values.length; from += VALUES_PER_SCRIPT_MAX) {
      const pairs = values
        .slice(from, from + VALUES_PER_SCRIPT_MAX)
        .flatMap(({ address, json }) => [address, json]);
      const answer = await runScript(this.#client, PUBLISH, {
        keys: [lease, current, stream],
        args: [held.epoch, STREAM_MAX, last, ...pairs],
      });
      const [outcome, id]: readonly unknown[] = Array.isArray(answer) ? answer : [];
      if (outcome === 0) throw new Fault('ownership_lost', 'another evaluator holds the lease');
      if (outcome !== 1)
        throw new Fault('store_corrupt', `the board stands at ${String(id)}, not at ${last}`);
      last = String(id);
    }
    return { epoch: held.epoch, last };
  }

  /** All current values. Throws `store_unreachable`. */
  async current(): Promise<BoardState> {
    const { lease, values } = this.#keys;
    const pipeline = this.#client.multi().hget(lease, 'last').hgetall(values);
    const [last, found] = await reachAll('read values', pipeline);
    return { last: textOf(last), values: new Map(Object.entries(recordOf(found))) };
  }

  /** What was published after an id; the empty id lies before the first. Throws `store_unreachable`. */
  async after(id: string): Promise<Continuation> {
    const { lease, stream } = this.#keys;
    const pipeline = this.#client
      .multi()
      .hmget(lease, 'last', 'until')
      .xrange(stream, id === '' ? '-' : `(${id}`, '+', 'COUNT', VALUES_PER_READ);
    const [place, entries] = await reachAll('read value stream', pipeline);
    const [last, until]: readonly unknown[] = Array.isArray(place) ? place : [];
    const values = parseEntries(entries);
    return {
      isContinuous: (values[0]?.after ?? textOf(last)) === id,
      values,
      leaseUntil: wholeNumber('lease', until ?? 0),
    };
  }
}

/** A field of a hash; empty when it is absent. */
function textOf(field: unknown): string {
  return typeof field === 'string' ? field : '';
}

function parseEntries(entries: unknown): readonly PlacedValue[] {
  if (!Array.isArray(entries)) throw new Fault('store_corrupt', 'the value stream is no list');
  return entries.map((entry: unknown) => {
    const [id, fields]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    const { address = '', value = '', after = '' } = recordOf(fields);
    return { id: String(id), address, json: value, after };
  });
}
