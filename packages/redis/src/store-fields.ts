import { Fault, type Statement } from '@kpi/core';

/** What a tenant now states about its money. */
export interface TenantStatement extends Statement {
  readonly tenantId: string;
}

/** Name of a statement in the store. */
export function statementField({ tenantId, entity }: TenantStatement): string {
  return JSON.stringify([tenantId, entity]);
}

export function parseStatementField(field: string): Omit<TenantStatement, 'text'> {
  const parts: unknown = JSON.parse(field);
  if (!Array.isArray(parts)) throw new Fault('store_corrupt', 'a statement has no name');
  const [tenantId, entity]: unknown[] = parts;
  return { tenantId: String(tenantId), entity: String(entity) };
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
