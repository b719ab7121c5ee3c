import { parse } from 'yaml';
import { z } from 'zod';

import { readFiles } from '../tidy/repository.ts';

const RULE = z.union([
  z.strictObject({ record: z.string(), expr: z.string() }),
  z.strictObject({
    alert: z.string().regex(/^Kpi[A-Z][A-Za-z]+$/),
    expr: z.string(),
    for: z.string().optional(),
    labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
    annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
  }),
]);

const FILE = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), interval: z.string().optional(), rules: z.array(RULE) }),
  ),
});

type Rule = z.infer<typeof RULE>;
export type Alert = Extract<Rule, { readonly alert: string }>;
export type Recording = Extract<Rule, { readonly record: string }>;

/** Every rule of `infra/prometheus/rules/`. Throws on a file that Prometheus would refuse. */
export function readRules(): {
  readonly alerts: readonly Alert[];
  readonly recordings: readonly Recording[];
} {
  const rules = readFiles('infra/prometheus/rules/*.yml').flatMap(({ text }) =>
    FILE.parse(parse(text)).groups.flatMap((group) => group.rules),
  );
  return {
    alerts: rules.filter((rule): rule is Alert => 'alert' in rule),
    recordings: rules.filter((rule): rule is Recording => 'record' in rule),
  };
}
