import { Fault } from '@kpi/core';

import { type RedisClient, reach } from './connection.ts';
import { wholeNumber } from './partition-state.ts';
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
export interface SequencedValue extends PublishedValue {
  readonly sequence: number;
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

  /** Hold the lease for `ttlMs` from now. Returns the holder's epoch, or undefined while another holds it. */
  async hold(holder: string, ttlMs: number): Promise<number | undefined> {
    const answer = await runScript(this.#client, HOLD, {
      keys: [this.#keys.lease],
      args: [holder, ttlMs],
    });
    const [isHeld, epoch] = Array.isArray(answer)
      ? answer.map((one) => wholeNumber('lease', one))
      : [];
    return isHeld === 1 ? epoch : undefined;
  }

  /** Publish in order. Throws `ownership_lost` when the lease went to another. */
  async publish(epoch: number, values: readonly PublishedValue[]): Promise<void> {
    const { lease, values: current, stream } = this.#keys;
    for (let from = 0; from < values.length; from += VALUES_PER_SCRIPT_MAX) {
      const pairs = values
        .slice(from, from + VALUES_PER_SCRIPT_MAX)
        .flatMap(({ address, json }) => [address, json]);
      const answer = await runScript(this.#client, PUBLISH, {
        keys: [lease, current, stream],
        args: [epoch, STREAM_MAX, ...pairs],
      });
      if (wholeNumber('sequence', answer) < 0)
        throw new Fault('ownership_lost', 'another evaluator holds the lease');
    }
  }

  /** All current values, by address. */
  async current(): Promise<ReadonlyMap<string, string>> {
    return new Map(
      Object.entries(await reach('read values', this.#client.hgetall(this.#keys.values))),
    );
  }

  /** Values published after a sequence number, oldest first, a page at most. */
  async after(sequence: number): Promise<readonly SequencedValue[]> {
    const entries = await reach(
      'read value stream',
      this.#client.xrange(this.#keys.stream, `${sequence + 1}-0`, '+', 'COUNT', VALUES_PER_READ),
    );
    return entries.map(([id, [, address = '', , json = '']]) => ({
      sequence: Number(id.split('-', 1)[0]),
      address,
      json,
    }));
  }
}
