import { days, hours } from '@kpi/core';

import type { Account, Member } from './account.ts';
import { type Draft, draft } from './draft.ts';
import type { Period } from './period.ts';
import { type Random, createRandom } from './random.ts';
import { isInUse, spellAt, termsAt } from './subscription.ts';
import { ticketSurveyDrafts } from './surveys.ts';
import {
  TICKETS_PER_DAY_BY_TENURE,
  TICKET_RATE_FACTOR,
  TRAINED_RATE_RATIO,
  untrainedTicketsPerDay,
} from './truth.ts';

const TRIAL_TICKETS_PER_DAY = 0.08;
/** Opened by agents on their own account, and junk: neither counts as a ticket of the customer. */
const AGENT_TICKETS_PER_DAY = 0.008;
const SPAM_PER_DAY = 0.003;
const DUPLICATE_SHARE = 0.05;
const INCIDENT_EVERY_MS = days(180);
const FIRST_INCIDENT_MS = days(110);
const INCIDENT_SHARE = 0.35;
const INCIDENT_LASTS_MS = hours(6);

const CHANNELS = ['email', 'web', 'chat'] as const;
const CATEGORIES = ['how-to', 'bug', 'billing', 'access', 'integration'] as const;
const PRIORITIES = ['low', 'normal', 'high'] as const;

/** True tickets per account-day at `at`: by tenure and plan in paid time, less once trained. */
function ticketsPerDay(account: Account, at: number): number {
  const spell = spellAt(account.life, at);
  if (spell === undefined) return isInUse(account.life, at) ? TRIAL_TICKETS_PER_DAY : 0;
  const plan = termsAt(spell, at)?.plan ?? account.plan;
  const factor = at >= account.trainedAt ? TRAINED_RATE_RATIO : 1;
  return factor * untrainedTicketsPerDay(plan, at - spell.from);
}

const RATE_MAX = Math.max(
  ...TICKETS_PER_DAY_BY_TENURE.map(
    ({ perDay }) => perDay * Math.max(...Object.values(TICKET_RATE_FACTOR)),
  ),
);

/** Tickets of one period and all that follows from them. */
export function ticketDrafts(account: Account, period: Period): readonly Draft[] {
  const random = createRandom(account.seed, account.id, 'tickets', period.number);
  const asked = poissonInstants(random, period, RATE_MAX).filter((at) =>
    random.chance(ticketsPerDay(account, at) / RATE_MAX),
  );
  const genuine = asked.flatMap((at) => askedDrafts(account, at));
  const byAgent = poissonInstants(random, period, AGENT_TICKETS_PER_DAY).flatMap((at) =>
    isInUse(account.life, at) ? [ticket(account, at, { is_customer_initiated: false })] : [],
  );
  const spam = poissonInstants(random, period, SPAM_PER_DAY).flatMap((at) =>
    isInUse(account.life, at) ? spamDrafts(account, at) : [],
  );
  return [...genuine, ...byAgent, ...spam, ...incidentDrafts(account, period)];
}

/** Instants of a Poisson process with a constant rate over the period. */
function poissonInstants(random: Random, period: Period, perDay: number): readonly number[] {
  const instants: number[] = [];
  let at = period.from + random.exponential(days(1) / perDay);
  while (at < period.to) {
    instants.push(Math.floor(at));
    at += random.exponential(days(1) / perDay);
  }
  return instants;
}

function askedDrafts(account: Account, at: number): readonly Draft[] {
  const opened = ticket(account, at, {});
  const random = createRandom(account.seed, opened.id);
  const solvedAt = at + random.exponential(hours(20)) + hours(0.2);
  const twinAt = at + random.between(hours(0.1), hours(2));
  return [
    opened,
    ticketUpdate(opened, { at: solvedAt, field: 'status', from: 'open', to: 'solved' }),
    ...(random.chance(DUPLICATE_SHARE) ? duplicateDrafts(account, opened, twinAt) : []),
    ...ticketSurveyDrafts(account, { ticket: opened, solvedAt }),
  ];
}

/** The same question asked twice; the second ticket is merged into the first. */
function duplicateDrafts(account: Account, first: Draft, at: number): readonly Draft[] {
  const twin = ticket(account, Math.floor(at), {});
  return [
    twin,
    invalidation(twin, at + hours(5), {
      reason: 'merged',
      merged_into: first.properties['ticket_id'] ?? '',
    }),
  ];
}

function spamDrafts(account: Account, at: number): readonly Draft[] {
  const junk = ticket(account, at, { channel: 'email' });
  return [junk, invalidation(junk, at + hours(9), { reason: 'spam' })];
}

/** Twice a year the service is down for some hours and a third of the accounts ask why. */
function incidentDrafts(account: Account, period: Period): readonly Draft[] {
  const first = account.companyFrom + FIRST_INCIDENT_MS;
  const number = Math.max(0, Math.ceil((period.from - first) / INCIDENT_EVERY_MS));
  const at = first + number * INCIDENT_EVERY_MS;
  const random = createRandom(account.seed, account.id, 'incident', number);
  const askedAt = Math.floor(at + random.between(0, INCIDENT_LASTS_MS));
  const isAffected = random.chance(INCIDENT_SHARE) && spellAt(account.life, askedAt) !== undefined;
  if (at >= period.to || !isAffected) return [];
  return [ticket(account, askedAt, { incident_id: `incident-${number + 1}`, priority: 'high' })];
}

function ticket(account: Account, at: number, properties: Draft['properties']): Draft {
  const ticketId = `${account.id.replace('acc', 'tkt')}-${at}`;
  const random = createRandom(account.seed, ticketId);
  const requester = requesterAt(account, random, at);
  return draft({
    id: `${ticketId}:created`,
    type: 'support.ticket_created',
    source: 'helpdesk',
    at,
    accountId: account.id,
    userId: requester,
    properties: {
      ticket_id: ticketId,
      channel: random.pick(CHANNELS),
      requester_user_id: requester,
      priority: random.pick(PRIORITIES, [0.3, 0.6, 0.1]),
      category: random.pick(CATEGORIES),
      is_customer_initiated: true,
      ...properties,
    },
  });
}

function requesterAt(account: Account, random: Random, at: number): string {
  const present = account.members.filter(({ joinedAt, leftAt }) => joinedAt <= at && at < leftAt);
  const candidates: readonly Pick<Member, 'id'>[] = present.length > 0 ? present : account.members;
  return random.pick(candidates).id;
}

function ticketUpdate(
  opened: Draft,
  change: {
    readonly at: number;
    readonly field: string;
    readonly from: string;
    readonly to: string;
  },
): Draft {
  const { at, ...properties } = change;
  return follow(opened, { type: 'support.ticket_updated', at, properties });
}

function invalidation(opened: Draft, at: number, properties: Draft['properties']): Draft {
  return follow(opened, { type: 'support.ticket_invalidated', at, properties });
}

function follow(opened: Draft, next: Pick<Draft, 'type' | 'at' | 'properties'>): Draft {
  const ticketId = opened.properties['ticket_id'] ?? '';
  return draft({
    ...next,
    id: `${ticketId}:${next.type}`,
    source: opened.source,
    ...(opened.accountId === undefined ? {} : { accountId: opened.accountId }),
    ...(opened.userId === undefined ? {} : { userId: opened.userId }),
    properties: { ticket_id: ticketId, ...next.properties },
  });
}
