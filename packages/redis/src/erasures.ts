import { type Subject } from '@kpi/core';
import { z } from 'zod';

import { type RedisClient, reach, reachAll } from './connection.ts';
import { erasureKey, hashOfSubject, subjectText } from './erased-subjects.ts';
import { loadScript, runScript } from './script.ts';
import { createTenantSalts } from './tenant-salt.ts';

const REQUEST = loadScript('request-erasure');

const pendingErasure = z.object({
  id: z.string(),
  tenantId: z.string(),
  subject: z.object({ kind: z.enum(['account', 'user']), id: z.string() }),
  hash: z.string(),
  requestedAt: z.number(),
  requestedBy: z.string(),
});
/** An erasure that was asked for and is not complete. Only here the subject still has its name. */
export type PendingErasure = Readonly<z.infer<typeof pendingErasure>>;

const erasureReceipt = z.object({
  id: z.string(),
  tenant_id: z.string(),
  subject_kind: z.enum(['account', 'user']),
  subject_hash: z.string(),
  requested_at: z.number(),
  requested_by: z.string(),
  completed_at: z.number(),
  /** Rows removed from the history store, and homes read again. */
  events: z.number(),
  homes: z.number(),
  /** Users whose membership changes were removed, or some of them. */
  memberships: z.number(),
  dead_letters: z.number(),
});
/** What was done, without a word of whom it was done to. Times in ms. */
export type ErasureReceipt = Readonly<z.infer<typeof erasureReceipt>>;

/** What is done for an erasure, in order. */
export const ERASURE_STEPS = [
  'asked',
  'waiting for the archive',
  'reading homes again',
  'removing rows',
  'removing dead letters',
  'waiting for live values',
] as const;
export type ErasureStep = (typeof ERASURE_STEPS)[number];

const placeCounts = z.record(z.string(), z.number());

export interface ErasureRequest {
  readonly tenantId: string;
  readonly subject: Subject;
  /** Who asks, for the receipt: a source or a command, never a person's name of the installation's data. */
  readonly by: string;
  /** ms. */
  readonly at: number;
}

/** Who is to be forgotten, how far that is, and what was done. */
export class Erasures {
  readonly #client: RedisClient;
  readonly #prefix: string;

  constructor({ client, prefix }: { readonly client: RedisClient; readonly prefix: string }) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Ask for an erasure; from then on nobody takes in what names the subject. Returns its id, that of one that waits already if so. */
  async request({ tenantId, subject, by, at }: ErasureRequest): Promise<string> {
    const hash = await this.hashOf(tenantId, subject);
    const id = `${at}-${hash.slice(0, 12)}`;
    const erasure: PendingErasure = {
      id,
      tenantId,
      subject,
      hash,
      requestedAt: at,
      requestedBy: by,
    };
    const answer = await runScript(this.#client, REQUEST, {
      keys: [this.#key('asked'), this.#key('latest'), this.#key('pending')],
      args: [subjectText(tenantId, hash), id, JSON.stringify(erasure)],
    });
    return z.string().parse(answer);
  }

  /** The salted hash that a subject is named by. */
  async hashOf(tenantId: string, subject: Subject): Promise<string> {
    const salts = createTenantSalts({ client: this.#client, prefix: this.#prefix });
    return hashOfSubject(await salts.saltOf(tenantId), subject);
  }

  async pending(): Promise<readonly PendingErasure[]> {
    const found = await reach('read erasures', this.#client.hvals(this.#key('pending')));
    return found
      .map((text) => pendingErasure.parse(JSON.parse(text)))
      .toSorted((a, b) => a.requestedAt - b.requestedAt);
  }

  /** Let the archive leave out what names the subject. */
  async settle({ tenantId, hash }: PendingErasure): Promise<void> {
    const key = this.#key('settled');
    const text = subjectText(tenantId, hash);
    const place = await reach('settle erasure', this.#client.lpos(key, text));
    if (place === null) await reach('settle erasure', this.#client.rpush(key, text));
  }

  /** How far an erasure is, for whoever waits for it. */
  async noteStep(id: string, step: ErasureStep): Promise<void> {
    await reach('note step', this.#client.hset(this.#key('steps'), id, step));
  }

  async step(id: string): Promise<ErasureStep> {
    const found = await reach('read step', this.#client.hget(this.#key('steps'), id));
    return ERASURE_STEPS.find((step) => step === found) ?? 'asked';
  }

  /** How many rows an erasure removes from history, by `topic:partition`. The first who says so is believed. */
  async settleCounts(
    id: string,
    counts: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> {
    const key = this.#key('counts');
    const text = JSON.stringify(Object.fromEntries(counts));
    const pipeline = this.#client.multi().hsetnx(key, id, text).hget(key, id);
    const [, settled] = await reachAll('note erasure', pipeline);
    return countsOf(String(settled));
  }

  /** The same of an erasure that was interrupted after it had said so. */
  async counts(id: string): Promise<ReadonlyMap<string, number> | undefined> {
    const text = await reach('read erasure', this.#client.hget(this.#key('counts'), id));
    return text === null ? undefined : countsOf(text);
  }

  /** Nothing of it is left to do. The first receipt stays. */
  async complete(receipt: ErasureReceipt): Promise<void> {
    const { id } = receipt;
    const pipeline = this.#client
      .multi()
      .hsetnx(this.#key('receipts'), id, JSON.stringify(receipt))
      .hdel(this.#key('pending'), id)
      .hdel(this.#key('steps'), id);
    await reachAll('complete erasure', pipeline);
  }

  async receipt(id: string): Promise<ErasureReceipt | undefined> {
    const text = await reach('read receipt', this.#client.hget(this.#key('receipts'), id));
    return text === null ? undefined : erasureReceipt.parse(JSON.parse(text));
  }

  /** All receipts, the latest first. */
  async receipts(): Promise<readonly ErasureReceipt[]> {
    const found = await reach('read receipts', this.#client.hvals(this.#key('receipts')));
    return found
      .map((text) => erasureReceipt.parse(JSON.parse(text)))
      .toSorted((a, b) => b.requested_at - a.requested_at);
  }

  #key(kind: Parameters<typeof erasureKey>[1]): string {
    return erasureKey(this.#prefix, kind);
  }
}

function countsOf(text: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(placeCounts.parse(JSON.parse(text))));
}

/** Rows that erasures have removed from history, by `topic:partition`. Throws `store_unreachable`. */
export async function erasedRows(
  client: RedisClient,
  prefix: string,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const text of await reach('read erasures', client.hvals(erasureKey(prefix, 'counts'))))
    for (const [place, rows] of countsOf(text)) sums.set(place, (sums.get(place) ?? 0) + rows);
  return sums;
}
