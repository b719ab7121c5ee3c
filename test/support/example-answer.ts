import {
  type Components,
  type ComponentRow,
  DEFAULT_DEFINITIONS,
  type KpiQuery,
  kpiOf,
} from '@kpi/core';

import { type Example, type ExampleQuestion } from './examples/index.ts';

/** The question as a store takes it. */
export function exampleQuery(
  example: Example,
  question: ExampleQuestion,
  tenantId: string,
): KpiQuery {
  const { kpiId, windowMs, by, filter } = question;
  const asOf = [example.asOf];
  return { tenantId, kpiId, windowMs, asOf, by, filter, definitions: DEFAULT_DEFINITIONS };
}

/** What a store answered, in the form of {@link ExampleQuestion.groups} and reduced to the components named there. */
export function exampleGroups(
  question: ExampleQuestion,
  rows: readonly ComponentRow[],
): ExampleQuestion['groups'] {
  return Object.fromEntries(
    rows.map(({ group, components }) => {
      const name = group.join(',');
      const asked = Object.keys(question.groups[name] ?? {});
      return [
        name,
        Object.fromEntries(asked.map((one) => [one, Number(components[one] ?? Number.NaN)])),
      ];
    }),
  );
}

/** The value of a variant by its definition: scaled numerator over denominator, null without one. */
export function valueOf(kpiId: string, variant: string, components: Components): number | null {
  const unit = kpiOf(kpiId)?.unit;
  const declared = kpiOf(kpiId)?.variants.find(({ name }) => name === variant);
  if (declared === undefined) throw new RangeError(`${kpiId} has no variant ${variant}`);
  const denominator = Number(declared.denominator(components));
  if (denominator === 0) return null;
  const value = (Number(declared.numerator(components)) / denominator) * (declared.scale ?? 1);
  // Money is summed in hundredths of a euro.
  return unit === 'money' ? value / 100 : value;
}
