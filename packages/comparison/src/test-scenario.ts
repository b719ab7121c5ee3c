import { type AccountExposure, ANY_USER, type Span, days } from '@kpi/core';

import { type ComparisonDesign } from './design.ts';

/** Start of the scenario: 2026-01-01T00:00:00Z. */
export const START_MS: number = Date.UTC(2026, 0, 1);
const PERIOD_MS = days(28);
const PERIODS = 13;

/** The window of the scenario of STATISTICS 9: thirteen periods of 28 days. */
export const SCENARIO: ComparisonDesign = {
  window: { from: START_MS, to: START_MS + PERIODS * PERIOD_MS },
  rule: ANY_USER,
  lagMs: 0,
  tenureEdgesMs: [days(28), days(84), days(182), days(364)],
  strata: ['tenure', 'plan'],
  filter: {},
  countsIncidents: true,
  prepostMs: days(84),
  washoutMs: days(28),
  isClustered: true,
  areLooksRepeated: false,
};

/** An account with defaults: active, untrained and without tickets for the whole scenario. */
export function account(name: string, given: Partial<AccountExposure> = {}): AccountExposure {
  const whole: Span = SCENARIO.window;
  return {
    account: name,
    active: [whole],
    plans: [{ from: whole.from, plan: 'pro' }],
    completions: [],
    seats: [],
    tickets: [],
    ...given,
  };
}

/** Instants, `count` of them spread over a period in its middle. */
function instants(period: number, count: number): readonly number[] {
  const from = START_MS + period * PERIOD_MS;
  return Array.from({ length: count }, (_, place) => from + days(1) + place * 1_000);
}

/**
 * The companies N, L and T of STATISTICS 9: rates by period 1.0, 0.5, 0.5, then 0.2, times `effect` once trained at the start of the
 * fourth. The counts are exactly the expected ones: of each period's tickets every account gets one in turn.
 */
export function scenario(effect: number): readonly AccountExposure[] {
  const group = (
    name: string,
    { count, periods, isTrained }: { count: number; periods: number; isTrained: boolean },
  ): readonly AccountExposure[] => {
    const asked: number[][] = Array.from({ length: count }, () => []);
    let turn = 0;
    for (let period = 0; period < periods; period += 1) {
      const byTenure = period === 0 ? 1 : period < 3 ? 0.5 : 0.2;
      const rate = byTenure * (isTrained && period >= 3 ? effect : 1);
      for (const at of instants(period, Math.round(count * rate))) {
        asked[turn % count]?.push(at);
        turn += 1;
      }
    }
    return asked.map((times, index) =>
      account(`${name}${index}`, {
        active: [{ from: START_MS, to: START_MS + periods * PERIOD_MS }],
        completions: isTrained ? [{ at: START_MS + 3 * PERIOD_MS, user: 1, course: 'basics' }] : [],
        tickets: times.map((at) => ({ at, isOfIncident: false })),
      }),
    );
  };
  return [
    ...group('n', { count: 600, periods: 1, isTrained: false }),
    ...group('l', { count: 100, periods: PERIODS, isTrained: false }),
    ...group('t', { count: 400, periods: PERIODS, isTrained: true }),
  ];
}
