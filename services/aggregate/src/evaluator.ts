import { Fault, type KpiValue } from '@kpi/core';
import { type EventProducer } from '@kpi/kafka';
import { type Lease, type LiveView, type PublishedValue, type ValueBoard } from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { type EvaluatorMetrics } from './aggregate-metrics.ts';
import { type EvaluatedValue, evaluate, revise } from './evaluate.ts';

export interface EvaluatorOptions {
  readonly board: ValueBoard;
  /** A new view, not opened, which tells of the arrival of what it follows: one is kept while the lease is held. */
  readonly createView: (onArrival: (arrivedAt: number) => void) => LiveView;
  readonly producer: EventProducer;
  /** Topic of published values. */
  readonly topic: string;
  readonly holder: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: EvaluatorMetrics;
}

/** Four times a second (DESIGN 4). */
const TICK_MS = 250;
/** However long a round took, others get their turn. */
const REST_MS_MIN = 100;
/** A holder that is gone is replaced after this long. */
const LEASE_MS = 5_000;
const RENEW_MS = 1_000;
const RETRY_MS = 1_000;
/** Without any event values change with time alone: windows roll, person-time grows. */
const IDLE_MS = 5_000;
/** Arrivals remembered until they are published. */
const ARRIVALS_MAX = 10_000;

/** The state of a term: the lease, what follows the store, and what was published last. */
interface Term {
  lease: Lease;
  readonly view: LiveView;
  readonly published: Map<string, KpiValue>;
  /** When the oldest record of each batch arrived that the view has and no published value has yet. */
  readonly arrivals: number[];
  /** Where the view stood when values were last evaluated, and when that was. */
  sequence: number;
  evaluatedAt: number;
}

/**
 * Publishes changed values for all partitions together. Many processes may run one; the lease in Redis lets one work, and its
 * epoch fences one that was replaced. Values go to Kafka first and to the board after: a crash between repeats, never skips.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #term: Term | undefined;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Begin to publish; {@link close} ends it. */
  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#endTerm();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const begun = this.#options.clock();
        await this.#tick();
        const tookMs = this.#options.clock() - begun;
        await pause(Math.max(REST_MS_MIN, TICK_MS - tookMs), signal);
      } catch (error) {
        const isExpected = error instanceof Fault;
        this.#options.metrics.failures.inc({ code: isExpected ? error.code : 'unexpected' });
        this.#options.log[isExpected ? 'warn' : 'error']({ err: error }, 'values not published');
        await this.#endTerm();
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #tick(): Promise<void> {
    const { board, holder, clock, metrics } = this.#options;
    const lease = await board.hold(holder, LEASE_MS, { isNewTerm: this.#term === undefined });
    if (lease === undefined) {
      await this.#endTerm();
      return;
    }
    this.#term ??= await this.#beginTerm(lease);
    const term = this.#term;
    if (term === undefined) return;
    // The board was set back, or another published meanwhile: what we believe to be published is not.
    if (!isSame(lease, term.lease))
      throw new Fault('store_corrupt', 'the board is not where this term left it');
    const now = clock();
    const { sequence } = term.view;
    if (sequence === term.sequence && now - term.evaluatedAt < IDLE_MS) return;
    Object.assign(term, { sequence, evaluatedAt: now });
    const arrivals = term.arrivals.splice(0);
    const took = metrics.evaluateSeconds.startTimer();
    const news = term.view.tenants().flatMap((tenantId) =>
      evaluate(term.view, tenantId, now).flatMap(({ address, value }) => {
        const revised = revise(value, term.published.get(address));
        return revised === undefined ? [] : [{ address, value: revised }];
      }),
    );
    took();
    if (news.length > 0) await this.#publish(term, news);
    for (const at of arrivals) metrics.publishLatency.observe(Math.max(0, clock() - at) / 1_000);
  }

  async #publish(term: Term, news: readonly EvaluatedValue[]): Promise<void> {
    const { board, metrics } = this.#options;
    const values: readonly PublishedValue[] = news.map(({ address, value }) => ({
      address,
      json: JSON.stringify(value),
    }));
    // The board refuses who has lost the lease; the topic cannot, so whoever stood still meanwhile must ask again.
    if (!(await this.#holds(term.lease))) return;
    await this.#options.producer.send(
      values.map(({ address, json }) => ({
        topic: this.#options.topic,
        key: address,
        value: Buffer.from(json),
      })),
    );
    term.lease = await board.publish(term.lease, values);
    for (const { address, value } of news) term.published.set(address, value);
    metrics.values.inc(values.length);
  }

  /** Undefined when another holds the lease by then. */
  async #beginTerm(lease: Lease): Promise<Term | undefined> {
    const { values } = await this.#options.board.current();
    const published = new Map([...values].map(([address, json]) => [address, parseValue(json)]));
    // Opened last: a view that nobody would close must not be left following the store.
    const arrivals: number[] = [];
    const view = this.#options.createView((at) => {
      if (arrivals.length < ARRIVALS_MAX) arrivals.push(at);
    });
    if (!(await this.#open(view, lease))) return undefined;
    this.#options.metrics.isPublishing.set(1);
    this.#options.log.info({ epoch: lease.epoch }, 'publishing values');
    return { lease, view, published, arrivals, sequence: -1, evaluatedAt: -Infinity };
  }

  /** A large store takes longer to load than a lease lasts, so it is renewed meanwhile. False when it was lost, or all ends. */
  async #open(view: LiveView, lease: Lease): Promise<boolean> {
    const { signal } = this.#stop;
    const opened = view.open().then(() => true);
    let isOpen = false;
    try {
      do isOpen = await Promise.race([opened, pause(RENEW_MS, signal).then(() => false)]);
      while (!isOpen && !signal.aborted && (await this.#holds(lease)));
    } finally {
      if (!isOpen) {
        // It may still be loading, and nobody waits for it any more.
        opened.catch(() => undefined);
        await view.close();
      }
    }
    return isOpen;
  }

  /** Renews the lease. False when it went to another, or the board was set back. */
  async #holds(lease: Lease): Promise<boolean> {
    const { board, holder } = this.#options;
    const still = await board.hold(holder, LEASE_MS);
    return still !== undefined && isSame(still, lease);
  }

  async #endTerm(): Promise<void> {
    const term = this.#term;
    this.#term = undefined;
    this.#options.metrics.isPublishing.set(0);
    await term?.view.close();
  }
}

function isSame(one: Lease, other: Lease): boolean {
  return one.epoch === other.epoch && one.last === other.last;
}

function parseValue(json: string): KpiValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed boundary: only evaluators write the board
  return JSON.parse(json) as KpiValue;
}
