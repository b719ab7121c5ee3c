import { HOUR_MS, days } from '@kpi/core';

import type { ApiClient } from './api-client.ts';
import { percentilesOf } from './percentiles.ts';

/** Each ends an hour before the one before it, so that none is remembered. */
const COMPARISONS = 10;

/** How long the comparison of trained with untrained time takes over all accounts, and over how many days of accounts. */
export async function askComparisons(
  api: ApiClient,
  { nowMs, spanDays }: { readonly nowMs: number; readonly spanDays: number },
) {
  const last = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const ms: number[] = [];
  let accountDays = 0;
  let tickets = 0;
  for (let turn = 0; turn <= COMPARISONS; turn += 1) {
    const to = last - turn * HOUR_MS;
    const [from, until] = [to - days(spanDays), to].map((at) => new Date(at).toISOString());
    const begun = performance.now();
    const { groups } = await api.comparison(
      `/v1/compare/support_ticket_rate?from=${from}&to=${until}`,
    );
    // The first compiles code and opens what is cold.
    if (turn > 0) ms.push(performance.now() - begun);
    accountDays = Math.round(groups.trained.account_days + groups.untrained.account_days);
    tickets = groups.trained.tickets + groups.untrained.tickets;
  }
  return { accountDays, tickets, ms: percentilesOf(ms) };
}
