import { createHmac } from 'node:crypto';

import { Fault, type IsErased, type KpiEvent, type Subject, namesErased } from '@kpi/core';
import { type Clock } from '@kpi/runtime';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';
import { type TenantSalts, createTenantSalts } from './tenant-salt.ts';

/** Keys of erasures, all in one slot. */
export function erasureKey(
  prefix: string,
  kind: 'asked' | 'settled' | 'latest' | 'pending' | 'steps' | 'counts' | 'receipts',
): string {
  return `${prefix}:{erased}:${kind}`;
}

const storedSubject = z.tuple([z.string(), z.string()]);

/** How a subject is told in the list of those who were erased. */
export function subjectText(tenantId: string, hash: string): string {
  return JSON.stringify([tenantId, hash] satisfies z.infer<typeof storedSubject>);
}

const HASH_LENGTH = 32;

/** A subject as it is named once it was erased: nobody without the tenant's salt can tell who it was. */
export function hashOfSubject(salt: Buffer, { kind, id }: Subject): string {
  return createHmac('sha256', salt).update(`${kind}:${id}`).digest('hex').slice(0, HASH_LENGTH);
}

export interface ErasedSubjectsOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  readonly clock: Clock;
  /**
   * Erasures as soon as they are asked for, or those whose homes can all be found in history by now. Only the archive waits for
   * that: what it has no row of nobody could find.
   */
  readonly stage: 'asked' | 'settled';
}

/** Everybody knows of an erasure this long after it was asked for or settled, ms; whoever carries it out waits twice as long. */
export const ERASED_KNOWN_MS = 1_000;
/** Subjects whose hashes are remembered, by tenant. */
const REMEMBERED_MAX = 50_000;

interface OfTenant {
  readonly salt: Buffer;
  /** Place in the order of erasures, by hash. */
  readonly places: Map<string, number>;
  readonly remembered: Map<string, number>;
}

/** Who was erased, as far as it is known here; at most a second behind. */
export class ErasedSubjects {
  readonly #options: ErasedSubjectsOptions;
  readonly #salts: TenantSalts;
  readonly #tenants = new Map<string, OfTenant>();
  #known = 0;
  #readAt = -Infinity;
  #failedAt = -Infinity;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: ErasedSubjectsOptions) {
    this.#options = options;
    this.#salts = createTenantSalts(options);
  }

  /** How many erasures are known here. */
  get known(): number {
    return this.#known;
  }

  /** Learn of erasures that were asked for until now. Throws `store_unreachable`. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  /** The same, if it was not done within the last second. */
  async refreshWhenDue(): Promise<void> {
    if (this.#options.clock() - this.#readAt >= ERASED_KNOWN_MS) await this.refresh();
  }

  /**
   * The same where an answer must not wait for Redis: while it is away nobody can ask for an erasure, so what was known before
   * still holds. Throws `store_unreachable` when nothing was read yet.
   */
  async refreshIfReachable(): Promise<void> {
    const { clock } = this.#options;
    const triedAt = this.#readAt === -Infinity ? -Infinity : Math.max(this.#readAt, this.#failedAt);
    if (clock() - triedAt < ERASED_KNOWN_MS) return;
    try {
      await this.refresh();
    } catch (error) {
      this.#failedAt = clock();
      if (this.#readAt === -Infinity || !(error instanceof Fault) || !error.retryable) throw error;
    }
  }

  /** Whether a subject was erased, as far as known here. */
  readonly isErased: IsErased = (tenantId, subject) =>
    this.#known > 0 && this.#placeOf(tenantId, subject) < Infinity;

  /** Whether an event names somebody who was erased. Costs nothing as long as nobody was. */
  isNamedBy(event: KpiEvent): boolean {
    return this.#known > 0 && namesErased(event, this.isErased);
  }

  /** Whether a subject is among the first erasures there were. */
  isAmong(first: number): IsErased {
    return (tenantId, subject) => first > 0 && this.#placeOf(tenantId, subject) < first;
  }

  #placeOf(tenantId: string, subject: Subject): number {
    const tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) return Infinity;
    const name = `${subject.kind}:${subject.id}`;
    const remembered = tenant.remembered.get(name);
    if (remembered !== undefined) return remembered;
    const place = tenant.places.get(hashOfSubject(tenant.salt, subject)) ?? Infinity;
    if (tenant.remembered.size >= REMEMBERED_MAX) tenant.remembered.clear();
    tenant.remembered.set(name, place);
    return place;
  }

  async #read(): Promise<void> {
    const { client, prefix, clock, stage } = this.#options;
    const begun = clock();
    const key = erasureKey(prefix, stage);
    const texts = await reach('read erasures', client.lrange(key, this.#known, -1));
    for (const text of texts) {
      const [tenantId, hash] = storedSubject.parse(JSON.parse(text));
      const { places, remembered } = await this.#tenant(tenantId);
      places.set(hash, this.#known);
      remembered.clear();
      this.#known += 1;
    }
    this.#readAt = begun;
  }

  async #tenant(tenantId: string): Promise<OfTenant> {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const salt = await this.#salts.saltOf(tenantId);
    const tenant: OfTenant = { salt, places: new Map(), remembered: new Map() };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }
}
