import {
  type Definitions,
  type Kpi,
  type KpiVariant,
  formatDuration,
  kpisOf,
  resolutionMs,
} from '@kpi/core';

import { type Address, idOf } from './address.ts';

/** One KPI as the catalogue shows it; names are those of the JSON. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly formula: string;
  readonly rules: readonly string[];
  readonly unit: Kpi['unit'];
  readonly definition_version: number;
  readonly default_window: string;
  readonly windows: readonly CatalogueWindow[];
  readonly dimensions: readonly string[];
  /** Restriction of a dimension that a question does not mention. */
  readonly default_filter: Readonly<Record<string, readonly string[]>>;
  readonly variants: readonly CatalogueVariant[];
  readonly events: readonly string[];
  readonly horizon: string | null;
  /** Months of age that are told unless a question says otherwise. */
  readonly age: number | null;
  /** Where a window listed here is answered from; every other window comes from history. */
  readonly served_from: 'live' | 'history';
}

interface CatalogueWindow {
  readonly window: string;
  /** Step of the time axis: a live value ends at the next multiple of it. */
  readonly resolution: string;
}

interface CatalogueVariant {
  readonly id: string;
  readonly title: string;
  readonly unit: Kpi['unit'];
  readonly interval: KpiVariant['interval'];
  readonly horizon: string | null;
}

/** Every KPI of a tenant, in the order of documents and pages; its own come last. */
export function describeCatalogue(definitions: Definitions): readonly CatalogueEntry[] {
  return kpisOf(definitions).map((kpi) => describeKpi(kpi, definitions));
}

function windowsOf({ windows, historyWindows }: Kpi): readonly number[] {
  return windows.length > 0 ? windows : (historyWindows ?? []);
}

/** Time to convert; null where nothing has to. */
function horizonText({ kpi, variant }: Address, definitions: Definitions): string | null {
  const { horizon } = kpi;
  if (horizon === undefined || horizon.variants?.includes(variant.name) === false) return null;
  return formatDuration(horizon.of(definitions));
}

function describeKpi(kpi: Kpi, definitions: Definitions): CatalogueEntry {
  const main = kpi.variants.find(({ name }) => name === '');
  return {
    id: kpi.id,
    title: kpi.title,
    description: kpi.description,
    formula: kpi.formula,
    rules: kpi.rules,
    unit: kpi.unit,
    definition_version: kpi.version + definitions.changes,
    default_window: formatDuration(kpi.defaultWindowMs),
    windows: windowsOf(kpi).map((windowMs) => ({
      window: formatDuration(windowMs),
      resolution: formatDuration(resolutionMs(windowMs)),
    })),
    dimensions: kpi.dimensions,
    default_filter: kpi.defaultFilter,
    variants: kpi.variants.map((variant) => ({
      id: idOf({ kpi, variant }),
      title: variant.title,
      unit: variant.unit ?? kpi.unit,
      interval: variant.interval,
      horizon: horizonText({ kpi, variant }, definitions),
    })),
    events: kpi.events,
    horizon: main === undefined ? null : horizonText({ kpi, variant: main }, definitions),
    age: kpi.age?.of(definitions) ?? null,
    served_from: kpi.windows.length > 0 ? 'live' : 'history',
  };
}
