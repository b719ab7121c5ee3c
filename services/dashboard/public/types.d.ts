/** What the page reads of an answer of `GET /v1/kpis/{id}`. */
export interface KpiValue {
  readonly kpi_id: string;
  readonly segment: Readonly<Record<string, string>>;
  readonly window: { readonly from: string; readonly to: string; readonly resolution_ms: number };
  readonly as_of: string;
  readonly value: number | null;
  readonly unit: string;
  readonly currency: string | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly n: number | null;
  readonly ci: { readonly low: number; readonly high: number | null } | null;
  readonly status: string;
  readonly notes: readonly string[];
  readonly immature_n: number;
  readonly served_from: string;
  readonly sources: Readonly<Record<string, string>>;
}

export interface Groups {
  readonly by: readonly string[];
  readonly values: readonly KpiValue[];
}

/** One KPI of `GET /v1/kpis`. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly definition_version: number;
  readonly default_window: string;
  readonly windows: readonly { readonly window: string }[];
  readonly dimensions: readonly string[];
  readonly variants: readonly { readonly id: string; readonly title: string }[];
  readonly events: readonly string[];
}

/** `GET /v1/status`. */
export interface Status {
  readonly events_counted: number;
  readonly fresh_at: string;
}
