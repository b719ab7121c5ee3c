import { DAY_MS, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { COURSES } from './academy.ts';
import { type Account } from './account.ts';
import { companyAccounts } from './company.ts';
import type { Draft } from './draft.ts';
import { periods } from './period.ts';
import { spellAt, termsAt } from './subscription.ts';
import { generalSurveyDrafts } from './surveys.ts';
import { ticketDrafts } from './tickets.ts';
import {
  RUN_OUTCOME,
  SATISFIED_SHARE,
  TICKETS_PER_DAY_BY_TENURE,
  TRAINED_RATE_RATIO,
  TRIAL_CONVERSION,
} from './truth.ts';

const FROM = Date.UTC(2025, 3, 1);
const TO = FROM + days(400);
const SEEDS = ['1', '2', '3', '4', '5'] as const;

function accountsOf(seed: string): readonly Account[] {
  const accounts: Account[] = [];
  for (const account of companyAccounts({ seed, from: FROM })) {
    if (account.createdAt >= TO) return accounts;
    accounts.push(account);
  }
  return accounts;
}

/** Tickets and answers of an account; what it does in the product does not matter here. */
function spokenOf(account: Account): readonly Draft[] {
  return [...periods(account.firstContactAt, TO)]
    .flatMap((period) => [
      ...ticketDrafts(account, period),
      ...generalSurveyDrafts(account, period),
    ])
    .filter(({ at }) => at < TO);
}

const told = SEEDS.map((seed) => ({
  accounts: accountsOf(seed),
  drafts: accountsOf(seed).flatMap(spokenOf),
}));

/** Tickets and account-days of one stratum, untrained and trained. */
type Cell = Record<'tickets0' | 'days0' | 'tickets1' | 'days1', number>;

/** Tickets that an honest count includes: asked by a customer, genuine, and not of an incident. */
function countedTickets(drafts: readonly Draft[]): readonly Draft[] {
  const invalid = new Set(
    drafts.flatMap(({ type, properties }) =>
      type === 'support.ticket_invalidated' ? [properties['ticket_id']] : [],
    ),
  );
  const counted = drafts.filter(
    ({ type, properties }) =>
      type === 'support.ticket_created' &&
      properties['is_customer_initiated'] === true &&
      properties['incident_id'] === undefined &&
      !invalid.has(properties['ticket_id']),
  );
  return [...new Map(counted.map((event) => [event.id, event])).values()];
}

function stratum(account: Account, at: number): string | undefined {
  const spell = spellAt(account.life, at);
  if (spell === undefined) return undefined;
  const tenure = TICKETS_PER_DAY_BY_TENURE.findIndex(({ belowMs }) => at - spell.from < belowMs);
  return `${termsAt(spell, at)?.plan}/${tenure}`;
}

/** Person-time by counting noons; tickets by where they fall. */
function cells(): ReadonlyMap<string, Cell> {
  const table = new Map<string, Cell>();
  const add = (account: Account, at: number, what: 'tickets' | 'days'): void => {
    const key = stratum(account, at);
    if (key === undefined) return;
    const cell = table.get(key) ?? { tickets0: 0, days0: 0, tickets1: 0, days1: 0 };
    cell[`${what}${at >= account.trainedAt ? 1 : 0}`] += 1;
    table.set(key, cell);
  };
  for (const { accounts, drafts } of told) {
    const byId = new Map(accounts.map((account) => [account.id, account]));
    for (const { accountId, at } of countedTickets(drafts)) {
      const account = byId.get(accountId ?? '');
      if (account !== undefined) add(account, at, 'tickets');
    }
    for (const account of accounts) {
      for (let at = FROM + DAY_MS / 2; at < TO; at += DAY_MS) add(account, at, 'days');
    }
  }
  return table;
}

/** Mantel-Haenszel over the strata (STATISTICS 5). */
function stratifiedRatio(table: ReadonlyMap<string, Cell>): number {
  let above = 0;
  let below = 0;
  for (const { tickets0, days0, tickets1, days1 } of table.values()) {
    above += (tickets1 * days0) / (days0 + days1);
    below += (tickets0 * days1) / (days0 + days1);
  }
  return above / below;
}

test('trained time has the true share of the tickets of untrained time of equal tenure and plan', () => {
  const table = cells();
  const tickets = [...table.values()].reduce((sum, cell) => sum + cell.tickets1, 0);
  const ratio = stratifiedRatio(table);
  expect(tickets).toBeGreaterThan(2_000);
  // Four standard errors at this many tickets.
  expect(Math.abs(Math.log(ratio / TRAINED_RATE_RATIO))).toBeLessThan(0.12);
});

test('untrained ticket rates fall with tenure as they should', () => {
  const table = cells();
  for (const [tenure, { perDay }] of TICKETS_PER_DAY_BY_TENURE.entries()) {
    const cell = table.get(`team/${tenure}`);
    const rate = (cell?.tickets0 ?? 0) / (cell?.days0 ?? 0);
    expect(Math.abs(Math.log(rate / perDay))).toBeLessThan(4 / Math.sqrt(cell?.tickets0 ?? 0));
  }
});

test('courses are completed in time as often as they should', () => {
  const runs = told.flatMap(({ accounts }) => accounts.flatMap((account) => account.runs));
  const due = runs.filter(({ enrolledAt }) => enrolledAt < TO - days(28));
  const inTime = due.filter(
    ({ enrolledAt, completedAt = Infinity }) => completedAt < enrolledAt + days(28),
  );
  const inGrace = due.filter(
    ({ enrolledAt, left }) => left !== undefined && left.at < enrolledAt + days(3),
  );
  const expected =
    COURSES.reduce((sum, course) => sum + course.completedInTime, 0) / COURSES.length;
  expect(inTime.length / due.length).toBeCloseTo(expected, 1);
  expect(inGrace.length / due.length).toBeCloseTo(RUN_OUTCOME.withdrawnInGrace, 1);
  const rate = inTime.length / (due.length - inGrace.length);
  expect(rate).toBeGreaterThan(0.6);
  expect(rate).toBeLessThan(0.75);
});

test('the company has about three hundred accounts, most of which became customers', () => {
  for (const { accounts } of told) {
    expect(Math.abs(accounts.length - 300)).toBeLessThan(4 * Math.sqrt(300));
  }
  const all = told.flatMap(({ accounts }) => accounts);
  const converted = all.filter(({ life }) => life.spells.length > 0).length;
  expect(converted / all.length).toBeCloseTo(TRIAL_CONVERSION, 1);
});

test('answers about the product are satisfied as often as they should', () => {
  for (const [when, share] of Object.entries(SATISFIED_SHARE)) {
    const scores = told.flatMap(({ accounts, drafts }) => {
      const trainedAt = new Map(accounts.map((account) => [account.id, account.trainedAt]));
      return drafts.flatMap(({ type, properties, accountId, at }) => {
        const isTrained = at >= (trainedAt.get(accountId ?? '') ?? Infinity);
        const isAnswer = type === 'survey.response_submitted' && properties['kind'] === 'csat';
        const isPulse = isAnswer && properties['context'] === 'general';
        return isPulse && isTrained === (when === 'trained') ? [Number(properties['score'])] : [];
      });
    });
    const satisfied = scores.filter((score) => score >= 4).length / scores.length;
    expect(Math.abs(satisfied - share)).toBeLessThan(4 * Math.sqrt(0.25 / scores.length));
  }
});
