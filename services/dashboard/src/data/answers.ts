import type { KpiUnit, KpiValue } from '@kpi/core';

/** What the page reads of the answers of the API; `/openapi.json` has them in full. */
export type { KpiUnit, KpiValue };

/** One KPI of `GET /v1/kpis`. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly formula: string;
  readonly rules: readonly string[];
  readonly unit: KpiUnit;
  readonly definition_version: number;
  readonly default_window: string;
  readonly windows: readonly { readonly window: string; readonly resolution: string }[];
  readonly dimensions: readonly string[];
  readonly default_filter: Readonly<Record<string, readonly string[]>>;
  readonly variants: readonly { readonly id: string; readonly title: string }[];
  readonly events: readonly string[];
  readonly served_from: 'live' | 'history';
}

/** One comparison of `GET /v1/kpis/{id}` with `compare`. */
export interface Comparison {
  readonly with: 'previous' | 'year';
  readonly base: KpiValue;
  readonly difference: number | null;
  readonly difference_unit: string;
  readonly relative_percent: number | null;
  readonly direction: 'up' | 'down' | 'same' | null;
}

export interface ComparedValue extends KpiValue {
  readonly comparisons: readonly Comparison[];
}

/** `GET /v1/kpis/{id}` with `by`. */
export interface GroupedValues {
  readonly values: readonly KpiValue[];
}

export interface Catalogue {
  readonly kpis: readonly Entry[];
}

export interface History {
  readonly points: readonly KpiValue[];
}

/** `GET /v1/status`, and the messages `status` of the stream. */
export interface Status {
  readonly at: string;
  readonly events_counted: number;
  readonly events_per_second: number;
  readonly fresh_at: string;
  readonly published_at: string | null;
  readonly sources: Readonly<Record<string, string>>;
  /** Tenants that may be named; absent in the stream, empty where the key decides. */
  readonly tenants?: readonly string[];
}

interface PartitionLag {
  readonly partition: number;
  readonly aggregate: number;
  readonly archive: number;
}

interface Letter {
  readonly refused_at: string;
  readonly reason: string;
  readonly path: string | null;
  readonly source: string | null;
  readonly origin: string;
}

export interface Engine {
  readonly name: string;
  readonly state: 'up' | 'down';
  readonly answer_ms: number | null;
}

export interface Process {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly started_at: string;
  readonly seen_at: string;
  readonly ready: boolean;
  readonly reason: string | null;
}

export interface Verification {
  readonly at: string;
  readonly against: 'history' | 'log';
  readonly clean: boolean;
  readonly questions: number;
  readonly disagreements: number;
  readonly unequal_partitions: number;
  readonly took_ms: number;
}

/** `GET /v1/health`. */
export interface Health {
  readonly at: string;
  readonly status: 'ok' | 'degraded';
  readonly problems: readonly string[];
  readonly events: { readonly counted: number; readonly per_second: number };
  readonly live: { readonly fresh_at: string; readonly published_at: string | null };
  readonly lag: {
    readonly aggregate: number;
    readonly archive: number;
    readonly partitions: readonly PartitionLag[];
  } | null;
  readonly sources: readonly { readonly source: string; readonly last_event_at: string }[];
  readonly dead_letters: { readonly kept: number | null; readonly latest: readonly Letter[] };
  readonly verify: Verification | null;
  readonly engines: readonly Engine[];
  readonly processes: readonly Process[];
}
