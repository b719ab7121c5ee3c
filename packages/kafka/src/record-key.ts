import { type EventEnvelope, type KpiEvent, attributionOf } from '@kpi/core';

import { murmur2 } from './murmur2.ts';

const SEPARATOR = '\u001f';
const USER = 'user:';

/** Whom a record is about, as far as its key tells. */
export type KeyParts = Pick<EventEnvelope, 'tenant_id' | 'account_id' | 'user_id'>;

/**
 * Key of an event's record: everything about one account lands in one partition number of every topic. A user without an
 * account has a key of their own; what is about neither (spend, rates, margins) shares one key per tenant.
 */
export function recordKey({
  tenant_id: tenant,
  account_id: account,
  user_id: user,
}: KeyParts): string {
  if (account !== null) return accountKey(tenant, account);
  return user === null ? `${tenant}${SEPARATOR}` : userKey(tenant, user);
}

/**
 * Keys under which an event is published: one, but both sides of a merge and both accounts of a ticket that is moved, each where its
 * own history lies.
 */
export function recordKeys(event: KpiEvent): readonly string[] {
  const tenant = event.tenant_id;
  switch (event.event_type) {
    case 'account.merged':
      return distinct([
        accountKey(tenant, event.from_account_id),
        accountKey(tenant, event.into_account_id),
      ]);
    case 'user.merged':
      return distinct([
        ...(event.account_id === null ? [] : [accountKey(tenant, event.account_id)]),
        userKey(tenant, event.from_user_id),
        userKey(tenant, event.into_user_id),
      ]);
    case 'support.ticket_updated': {
      const moved = attributionOf(event);
      if (moved === undefined) return [recordKey(event)];
      const accounts = moved.to === '' ? [moved.from] : [moved.from, moved.to];
      // Whoever reported a move may take it back by its own account alone, and what is taken back may be anything of whom it names.
      const isOwn = event.account_id !== null || event.retracts !== null;
      const own = isOwn ? [recordKey(event)] : [];
      return distinct([...own, ...accounts.map((account) => accountKey(tenant, account))]);
    }
    default:
      return [recordKey(event)];
  }
}

/** Partition of a key among `count`: what Java's default partitioner answers. */
export function partitionOf(key: string, count: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % count;
}

/** Keys of an event that belong into a partition; a record that its producer put elsewhere has the key it should have. */
export function keysIn(
  event: KpiEvent,
  { partition, partitions }: { readonly partition: number; readonly partitions: number },
): readonly string[] {
  const keys = recordKeys(event).filter((key) => partitionOf(key, partitions) === partition);
  return keys.length === 0 ? [recordKey(event)] : keys;
}

function accountKey(tenant: string, account: string): string {
  return `${tenant}${SEPARATOR}${account}`;
}

function userKey(tenant: string, user: string): string {
  return `${tenant}${SEPARATOR}${USER}${user}`;
}

function distinct(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)];
}
