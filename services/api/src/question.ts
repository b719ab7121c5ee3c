import type { ComponentRow, Definitions, KpiQuery, KpiValue } from '@kpi/core';
import { type Baseline, type Comparison, type Moment, toEnvelope } from '@kpi/values';

import type { Address } from './address.ts';
import type { Selection } from './parameters.ts';

/** A checked question about one number of one tenant. */
export interface Question {
  readonly tenantId: string;
  readonly address: Address;
  readonly selection: Selection;
  readonly definitions: Definitions;
  /** False when the definitions differ from those the live store counts by. */
  readonly isLiveDefinition: boolean;
  /** What the current value is compared with. */
  readonly compare: readonly Baseline[];
}

/** A value with what it is compared with, where that was asked. */
export type ComparedValue = KpiValue & { readonly comparisons?: readonly Comparison[] };

/** The answer to `by`: all together and each group. No total where it would pool what must not be pooled. */
export interface Groups {
  readonly by: readonly string[];
  /** What became of the smallest values of a dimension with too many. */
  readonly notes: readonly string[];
  readonly total: ComparedValue | null;
  readonly values: readonly ComparedValue[];
}

/** A history: one value per as-of time, and with `by` per group, in order of both. */
export interface Series extends Pick<Groups, 'by' | 'notes'> {
  readonly points: readonly KpiValue[];
}

/** The question as a store takes it. */
export function queryOf(question: Question, asOf: readonly number[]): KpiQuery {
  const { tenantId, address, selection, definitions } = question;
  const { windowMs, by, filter } = selection;
  return { tenantId, kpiId: address.kpi.id, windowMs, asOf, by, filter, definitions };
}

/** Values of a dimension that has a filter by default are shown side by side, never as one number nobody asked for. */
export function canPool({ address, selection }: Question): boolean {
  const names = Object.keys(address.kpi.defaultFilter);
  return names.every((name) => selection.filter[name] !== undefined);
}

/** One line of an answer. */
export interface Answered {
  readonly question: Question;
  readonly row: ComponentRow;
  readonly by: readonly string[];
}

/** What a store said, as a published value. */
export function valueOf(answered: Answered & { readonly moment: Moment }): KpiValue {
  const { question, row, by, moment } = answered;
  const { address, selection, definitions } = question;
  const restricted = Object.entries(selection.filter).map(([name, values]) => [
    name,
    values.join(','),
  ]);
  const grouped = by.map((name, index) => [name, row.group[index] ?? '']);
  const segment = Object.fromEntries([...restricted, ...grouped]);
  const subject = { ...address, windowMs: selection.windowMs, segment, definitions };
  return toEnvelope(subject, row.components, moment);
}
