import { setTimeout as wait } from 'node:timers/promises';

import { type KpiEvent } from '@kpi/core';
import { z } from 'zod';

import { eventJson } from '../support/event-json.ts';

const RECEIPT = z.object({ accepted: z.number(), rejected: z.array(z.unknown()) });
const PROBLEM = z.object({ code: z.string() });

/** One refusal of a whole request. */
export interface Refusal {
  readonly at: number;
  readonly status: number;
  readonly code: string;
  /** Seconds after which to come back, as the answer says. */
  readonly retryAfterS: number;
}

export interface SenderOptions {
  /** Base URL of ingest. */
  readonly url: string;
  readonly tenantId: string;
  readonly next: () => KpiEvent;
  readonly eventsPerRequest: number;
  /** Rest between requests, ms. */
  readonly restMs: number;
}

/** A client that sends events one request after the other and repeats what was refused as a whole, as it is told to. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Ids that ingest has accepted. */
  readonly accepted = new Set<string>();
  readonly refusals: Refusal[] = [];

  /** Sends until {@link stop}. */
  constructor(options: SenderOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Ends after the request in hand is accepted. Rejects when ingest gave an answer that it should not. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { next, eventsPerRequest, restMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      const events = Array.from({ length: eventsPerRequest }, next);
      while (!(await this.#send(events))) await wait(restMs);
      for (const event of events) this.accepted.add(event.event_id);
      await wait(restMs);
    }
  }

  async #send(events: readonly KpiEvent[]): Promise<boolean> {
    const { url, tenantId } = this.#options;
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'kpi-tenant': tenantId },
      body: JSON.stringify(events.map(eventJson)),
    });
    const body: unknown = await response.json();
    if (response.status !== 202) {
      const { code } = PROBLEM.parse(body);
      const retryAfterS = Number(response.headers.get('retry-after'));
      this.refusals.push({ at: Date.now(), status: response.status, code, retryAfterS });
      return false;
    }
    const { accepted, rejected } = RECEIPT.parse(body);
    if (accepted !== events.length || rejected.length > 0)
      throw new Error(`not accepted: ${JSON.stringify(rejected)}`);
    return true;
  }
}
