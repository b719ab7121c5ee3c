import { type KpiEvent, days } from '@kpi/core';

/** A question of an example and the answer the specification gives. */
export interface ExampleQuestion {
  readonly title: string;
  readonly kpiId: string;
  readonly windowMs: number;
  readonly by: readonly string[];
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** Components by group (values of `by` in order, joined by a comma). Components that are not named are not checked. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Values of the ungrouped answer by variant; null where the denominator is 0. */
  readonly values: Readonly<Record<string, number | null>>;
  /** The interval of 95 % that the specification states for a variant, with as many decimals as it states. */
  readonly intervals?: Readonly<Record<string, readonly [low: string, high: string]>>;
}

/** A worked example: events, all before `asOf`, and what must be answered about that instant. */
export interface Example {
  readonly title: string;
  readonly asOf: number;
  readonly events: readonly KpiEvent[];
  readonly questions: readonly ExampleQuestion[];
}

/** A question about the default window of 28 days, ungrouped and unfiltered unless it says otherwise. */
export function question(
  kpiId: string,
  asked: Partial<ExampleQuestion> & Pick<ExampleQuestion, 'title' | 'groups'>,
): ExampleQuestion {
  return { kpiId, windowMs: days(28), by: [], filter: {}, values: {}, ...asked };
}

/** The key of the only group of an ungrouped answer in {@link ExampleQuestion.groups}. */
export const ALL = '';
