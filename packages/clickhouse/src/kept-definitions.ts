import { createHash } from 'node:crypto';

import {
  DEFAULT_DEFINITIONS,
  type Definitions,
  type DefinitionsByTenant,
  type KpiQuery,
  definitionsFor,
} from '@kpi/core';
import { z } from 'zod';

/** Tenants whose units are derived by the same definitions. */
export interface TenantGroup {
  readonly definitions: Definitions;
  /** All others with undefined. */
  readonly tenants: readonly string[] | undefined;
}

/** Who is derived together: all tenants by the default, but those whose own definitions give other units. */
export function tenantGroups(all: DefinitionsByTenant): readonly TenantGroup[] {
  const byDefault = textOf(DEFAULT_DEFINITIONS);
  const own = [...all].filter(([, definitions]) => textOf(definitions) !== byDefault);
  const groups = [...Map.groupBy(own, ([, definitions]) => textOf(definitions)).values()];
  return [
    { definitions: DEFAULT_DEFINITIONS, tenants: undefined },
    ...groups.flatMap(([first, ...more]) =>
      first === undefined
        ? []
        : [{ definitions: first[1], tenants: [first, ...more].map(([tenantId]) => tenantId) }],
    ),
  ];
}

/** What a generation of units says of the definitions that it was derived by; `queries` is a checksum of how. */
export function noteOf(all: DefinitionsByTenant, queries: string): string {
  const note: Note = {
    queries,
    others: digestOf(DEFAULT_DEFINITIONS),
    own: Object.fromEntries(
      tenantGroups(all).flatMap(({ definitions, tenants = [] }) =>
        tenants.map((tenantId) => [tenantId, digestOf(definitions)]),
      ),
    ),
  };
  return JSON.stringify(note);
}

/** Whether units of a generation with this note answer a question of a tenant. */
export function isAnsweredBy(note: string, queries: string, query: Asked): boolean {
  const { success, data } = NOTE.safeParse(JSON.parse(note));
  if (!success || data.queries !== queries) return false;
  const used = Object.hasOwn(data.own, query.tenantId) ? data.own[query.tenantId] : data.others;
  return used === digestOf(query.definitions);
}

/** Whether units that were derived by these definitions answer a question of a tenant. */
export function isDerivedBy(all: DefinitionsByTenant, query: Asked): boolean {
  return textOf(definitionsFor(all, query.tenantId)) === textOf(query.definitions);
}

type Asked = Pick<KpiQuery, 'tenantId' | 'definitions'>;

const NOTE = z.object({
  queries: z.string(),
  others: z.string(),
  own: z.record(z.string(), z.string()),
});
type Note = z.output<typeof NOTE>;

function digestOf(definitions: Definitions): string {
  return createHash('sha256').update(textOf(definitions)).digest('hex');
}

/** What decides the units. */
function textOf({
  reportingCurrency,
  completion,
  churn,
  acquisition,
  expansion,
  activation,
  inactivityLimitMs,
  proficiencyCourses,
  refundAttribution,
  surveys,
  tenureEdgesMs,
  trainingCourses,
  valueActions,
}: Definitions): string {
  return JSON.stringify({
    reportingCurrency,
    graceMs: completion.graceMs,
    pauseLimitMs: churn.pauseLimitMs,
    churnRecognition: churn.recognition,
    refundGraceMs: acquisition.refundGraceMs,
    expansionGraceMs: expansion.graceMs,
    keyActions: activation.keyActions,
    activationRule: activation.rule,
    inactivityLimitMs,
    proficiencyCourses,
    refundAttribution,
    surveys,
    tenureEdgesMs,
    trainingCourses,
    valueActions,
  });
}
