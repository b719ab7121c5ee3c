import { Fault, type PublishedRate } from '@kpi/core';

import { wholeNumber } from './partition-state.ts';

/** A rate of a tenant, as it now holds. */
export interface TenantRate extends PublishedRate {
  readonly tenantId: string;
}

/** Name of a rate in the store: tenant, pair and day. */
export function rateField(rate: TenantRate): string {
  return JSON.stringify([rate.tenantId, rate.base, rate.quote, rate.day]);
}

export function parseRateField(field: string): Omit<TenantRate, 'rate'> {
  const parts: unknown = JSON.parse(field);
  if (!Array.isArray(parts)) throw new Fault('store_corrupt', 'a rate has no name');
  const [tenantId, base, quote, day]: unknown[] = parts;
  return {
    tenantId: String(tenantId),
    base: String(base),
    quote: String(quote),
    day: wholeNumber('day', day),
  };
}

/** Name of a source of one event type of a tenant. */
export function sourceField(tenantId: string, eventType: string, source: string): string {
  return JSON.stringify([tenantId, eventType, source]);
}

export function parseSourceField(field: string): {
  tenantId: string;
  eventType: string;
  source: string;
} {
  const parts: unknown = JSON.parse(field);
  if (!Array.isArray(parts)) throw new Fault('store_corrupt', 'a source has no name');
  const [tenantId, eventType, source]: unknown[] = parts;
  return { tenantId: String(tenantId), eventType: String(eventType), source: String(source) };
}
