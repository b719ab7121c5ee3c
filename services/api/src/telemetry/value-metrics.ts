import { PART, formatDuration } from '@kpi/core';
import { type Metrics, type WatchedValue, boundedLabel, watchGauge } from '@kpi/runtime';
import { z } from 'zod';

/** Values that hold, as JSON by address: tenant, KPI, window, dimension, group. */
export interface CurrentValues {
  snapshot(): { readonly values: ReadonlyMap<string, string> };
}

const VALUE = z.object({ value: z.number().nullable(), status: z.string() });

/** Tenants name themselves where no key is needed: those beyond have no series of their own, nor share one. */
const TENANTS_MAX = 20;
const LABELS = ['tenant', 'kpi', 'window'] as const;

type ValueLabel = (typeof LABELS)[number];

/** The numbers themselves, without dimensions, for a board that an operator has open anyway. */
export function watchValues(registry: Metrics, current: CurrentValues): void {
  const tenantLabel = boundedLabel(TENANTS_MAX);
  const read = (): readonly Published[] =>
    [...current.snapshot().values].flatMap(([address, json]) =>
      publishedOf(address, json, tenantLabel),
    );
  watchGauge<ValueLabel>(registry, {
    name: 'kpi_api_value',
    help: 'Value of a KPI as published, in its own unit, by window; absent while it has none.',
    labelNames: LABELS,
    read: () =>
      read().flatMap(({ labels, value }): readonly WatchedValue<ValueLabel>[] =>
        value === null ? [] : [{ labels, value }],
      ),
  });
  watchGauge<ValueLabel | 'status'>(registry, {
    name: 'kpi_api_value_status',
    help: 'Always 1: the status of each of these values.',
    labelNames: [...LABELS, 'status'],
    read: () => read().map(({ labels, status }) => ({ labels: { ...labels, status }, value: 1 })),
  });
}

interface Published {
  readonly labels: Readonly<Record<ValueLabel, string>>;
  readonly value: number | null;
  readonly status: string;
}

function publishedOf(
  address: string,
  json: string,
  tenantLabel: (tenant: string) => string,
): readonly Published[] {
  const [tenantId = '', kpi = '', windowMs = '', dimension = ''] = address.split(PART);
  if (dimension !== '') return [];
  const tenant = tenantLabel(tenantId);
  if (tenant !== tenantId) return [];
  const window = formatDuration(Number(windowMs));
  return [{ labels: { tenant, kpi, window }, ...VALUE.parse(JSON.parse(json)) }];
}
