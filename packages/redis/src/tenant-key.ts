/** Key of what belongs to a whole tenant. One hash tag per tenant: its keys share a slot and may meet in one script or pipeline. */
export function tenantKey(prefix: string, tenantId: string, kind: string): string {
  return `${prefix}:{t:${tenantId}}:${kind}`;
}
