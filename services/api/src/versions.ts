import { DEFAULT_DEFINITIONS, type Definitions, type Kpi } from '@kpi/core';

import { type RawParameters, invalid, readOne } from './parameters.ts';

export const VERSION_PARAMETER = 'definition_version';

/** Definitions of a tenant after so many changes; undefined when there were not so many. Throws `store_unreachable`. */
export type ReadChange = (tenantId: string, changes: number) => Promise<Definitions | undefined>;

/**
 * The definitions that `definition_version` asks for, applied once or only by default; those in force when it is absent. Throws
 * `parameter_invalid`, `store_unreachable`.
 */
export async function readVersion(
  raw: RawParameters,
  asked: {
    readonly kpi: Kpi;
    readonly tenantId: string;
    readonly inForce: Definitions;
    readonly readChange: ReadChange;
  },
): Promise<Definitions> {
  const { kpi, tenantId, inForce, readChange } = asked;
  const text = readOne(raw, VERSION_PARAMETER);
  if (text === undefined) return inForce;
  const changes = /^\d{1,9}$/.test(text) ? Number(text) - kpi.version : -1;
  if (changes === inForce.changes) return inForce;
  if (changes === 0) return DEFAULT_DEFINITIONS;
  const found = changes < 0 ? undefined : await readChange(tenantId, changes);
  if (found !== undefined) return found;
  throw invalid(
    VERSION_PARAMETER,
    `${kpi.id} has versions from ${kpi.version} on; ${kpi.version + inForce.changes} is in force`,
  );
}
