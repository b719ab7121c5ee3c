import {
  type Components,
  days,
  DEFAULT_DEFINITIONS,
  type Definitions,
  type Kpi,
  KPIS,
  type KpiValue,
  type KpiVariant,
} from '@kpi/core';

import { type Moment, toEnvelope } from './envelope.ts';

/** End of the window. */
export const TO: number = Date.UTC(2026, 0, 29);
const MOMENT: Moment = {
  to: TO,
  asOf: TO,
  computedAt: TO + 5,
  servedFrom: 'history',
  revision: 0,
  sources: {},
};

function addressed(id: string): { readonly kpi: Kpi; readonly variant: KpiVariant } {
  const [kpiId, name = ''] = id.split('.');
  const kpi = KPIS.find((one) => one.id === kpiId);
  const variant = kpi?.variants.find((one) => one.name === name);
  if (kpi === undefined || variant === undefined) throw new RangeError(`there is no ${id}`);
  return { kpi, variant };
}

interface Given {
  readonly definitions?: Partial<Definitions>;
  readonly moment?: Partial<Moment>;
}

/** The value of a KPI, or of a variant of it, with these components; everything else as usual. */
export function envelope(id: string, components: Components, given: Given = {}): KpiValue {
  const subject = {
    ...addressed(id),
    windowMs: days(28),
    segment: {},
    definitions: { ...DEFAULT_DEFINITIONS, ...given.definitions },
  };
  return toEnvelope(subject, components, { ...MOMENT, ...given.moment });
}
