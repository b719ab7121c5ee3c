import { Fault } from '@kpi/core';
import { z } from 'zod';

import { TRAINED_RATE_RATIO } from './truth.ts';

const interval = z.object({ low: z.number(), high: z.number().nullable() }).nullable();
const ratio = z.object({ ratio: z.number(), ci: interval }).nullable();

/** What is read of `GET /v1/compare/support_ticket_rate`. */
const COMPARED = z.object({
  window: z.object({ from: z.string(), to: z.string() }),
  headline: ratio,
  difference_in_differences: ratio,
  unadjusted: z.array(z.object({ name: z.string(), ratio: z.number().nullable() })),
  summary: z.string(),
});

export type ComparedTickets = z.infer<typeof COMPARED>;

export interface TruthOptions {
  readonly url: string;
  readonly tenant: string;
  readonly key?: string;
  /** Length of the window, such as `364d`. */
  readonly window: string;
}

const ANSWER_MS_MAX = 30_000;

/** Ask the API of the demo how training changes tickets. Throws `service_unreachable`, and `parameter_invalid` with what it answered. */
export async function readComparison(options: TruthOptions): Promise<ComparedTickets> {
  const { url, tenant, key, window } = options;
  const response = await fetch(
    `${url}/v1/compare/support_ticket_rate?window=${encodeURIComponent(window)}`,
    {
      headers: {
        'kpi-tenant': tenant,
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    },
  ).catch((error: unknown) => {
    throw new Fault('service_unreachable', `${url} does not answer: is npm start running?`, {
      cause: error,
    });
  });
  const text = await response.text();
  if (response.status !== 200)
    throw new Fault('parameter_invalid', `${url} answered ${response.status}: ${text}`);
  return COMPARED.parse(JSON.parse(text));
}

const NAMES: Readonly<Record<string, string>> = {
  ever_trained_per_account: 'ever trained over never, per account',
  ever_trained_per_day: 'ever trained over never, per day',
  trained_time_crude: 'trained over untrained time, crude',
  before_after: 'after over before training',
};

/** Estimates beside the truth that the company was made with, and what the usual comparisons would have said. */
export function formatTruth(compared: ComparedTickets): string {
  const truth = TRAINED_RATE_RATIO;
  const { headline, difference_in_differences: contrast, unadjusted, window } = compared;
  const estimates = [
    ['stratified, the answer', headline],
    ['difference in differences', contrast],
  ] as const;
  return [
    `The demo company was made so that trained time has ${truth.toFixed(2)} of the tickets of untrained time of the same tenure and plan.`,
    `What the pipeline says of [${window.from}, ${window.to}):`,
    '',
    row('estimate', 'ratio', 'interval', 'against the truth'),
    ...estimates.map(([name, one]) => {
      if (one === null) return row(name, '–', '–', 'no answer');
      const { ci } = one;
      const holds = ci !== null && ci.low <= truth && (ci.high === null || truth <= ci.high);
      const shown = ci === null ? '–' : `${ci.low.toFixed(3)} – ${ci.high?.toFixed(3) ?? '∞'}`;
      const verdict = ci === null ? 'no interval' : `the interval ${holds ? 'holds' : 'misses'} it`;
      return row(name, one.ratio.toFixed(3), shown, verdict);
    }),
    '',
    'What is usually shown:',
    ...unadjusted.map(({ name, ratio: one }) =>
      row(
        NAMES[name] ?? name,
        one === null ? '–' : one.toFixed(3),
        '',
        one === null ? '' : `${(one / truth).toFixed(2)} times the truth`,
      ),
    ),
    '',
    compared.summary,
  ].join('\n');
}

function row(...[name, value, range, verdict]: readonly [string, string, string, string]): string {
  return `${name.padEnd(38)}${value.padStart(7)}  ${range.padEnd(16)}${verdict}`.trimEnd();
}
