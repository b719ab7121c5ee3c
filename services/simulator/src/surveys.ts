import { days, hours } from '@kpi/core';

import type { Account, Member } from './account.ts';
import { type Draft, draft } from './draft.ts';
import type { Period } from './period.ts';
import { type Random, createRandom } from './random.ts';
import { isInUse } from './subscription.ts';
import { SATISFIED_SHARE } from './truth.ts';

/** One question as it is asked, with the answers that count as satisfied and those that do not. */
interface Question {
  readonly survey: string;
  readonly kind: 'csat' | 'nps' | 'ces';
  readonly context: string;
  readonly scale: readonly [number, number];
  readonly good: readonly number[];
  readonly poor: readonly number[];
}

const PULSE: Question = {
  survey: 'quarterly-pulse',
  kind: 'csat',
  context: 'general',
  scale: [1, 5],
  good: [4, 5],
  poor: [1, 2, 3],
};
const RECOMMENDATION: Question = {
  survey: 'recommendation',
  kind: 'nps',
  context: 'general',
  scale: [0, 10],
  good: [9, 10],
  poor: [3, 5, 6, 7, 8],
};
const AFTER_ONBOARDING: Question = {
  survey: 'after-onboarding',
  kind: 'csat',
  context: 'post_onboarding',
  scale: [1, 7],
  good: [6, 7],
  poor: [2, 3, 4, 5],
};
const AFTER_TICKET: Question = {
  survey: 'after-ticket',
  kind: 'csat',
  context: 'ticket',
  scale: [0, 1],
  good: [1],
  poor: [0],
};
const EFFORT: Question = {
  survey: 'ticket-effort',
  kind: 'ces',
  context: 'ticket',
  scale: [1, 7],
  good: [5, 6, 7],
  poor: [1, 2, 3, 4],
};

const PULSE_SHARE = 0.6;
const RECOMMENDATION_SHARE = 0.25;
const TICKET_SURVEY_SHARE = 0.6;
const RESPONSE_SHARE = 0.4;
const SECOND_THOUGHT_SHARE = 0.05;

/** Surveys about the product as a whole: in a period some members are asked. */
export function generalSurveyDrafts(account: Account, period: Period): readonly Draft[] {
  return account.members.flatMap((member) => {
    const random = createRandom(account.seed, member.id, 'surveys', period.number);
    return [
      { question: PULSE, share: PULSE_SHARE },
      { question: RECOMMENDATION, share: RECOMMENDATION_SHARE },
    ].flatMap(({ question, share }) => {
      const at = Math.floor(random.between(period.from, period.to));
      const isAsked = random.chance(share) && isPresent(account, member, at);
      const instance = `${question.survey}-${member.id}-${period.number}`;
      return isAsked ? asked(account, question, { instance, userId: member.id, at }) : [];
    });
  });
}

/** The survey at the end of onboarding, asked of whoever completed it. */
export function onboardingSurveyDrafts(
  account: Account,
  userId: string,
  at: number,
): readonly Draft[] {
  const instance = `${AFTER_ONBOARDING.survey}-${userId}`;
  return asked(account, AFTER_ONBOARDING, { instance, userId, at: at + hours(2) });
}

/** How the requester liked the answer, and what effort it took. */
export function ticketSurveyDrafts(
  account: Account,
  solved: { readonly ticket: Draft; readonly solvedAt: number },
): readonly Draft[] {
  const { ticket, solvedAt } = solved;
  const { userId } = ticket;
  const subject = ticket.properties['ticket_id'];
  const random = createRandom(account.seed, ticket.id, 'surveys');
  if (userId === undefined || subject === undefined) return [];
  if (!random.chance(TICKET_SURVEY_SHARE)) return [];
  const question = random.pick([AFTER_TICKET, EFFORT], [0.7, 0.3]);
  const instance = `${question.survey}-${subject}`;
  return asked(account, question, {
    instance,
    userId,
    at: solvedAt + hours(1),
    subject: `${subject}`,
  });
}

interface Asking {
  readonly instance: string;
  readonly userId: string;
  readonly at: number;
  readonly subject?: string;
}

/** The invitation and, from some, an answer; a few think better of it and answer again. */
function asked(account: Account, question: Question, asking: Asking): readonly Draft[] {
  const random = createRandom(account.seed, asking.instance);
  const invitation = note(account, asking, {
    type: 'survey.invited',
    suffix: 'invited',
    at: asking.at,
    properties: { context: question.context, survey_id: question.survey },
  });
  if (!random.chance(RESPONSE_SHARE)) return [invitation];
  const at = asking.at + random.exponential(days(1)) + hours(0.1);
  const first = answer(account, asking, { question, at, random, suffix: 'answer' });
  if (!random.chance(SECOND_THOUGHT_SHARE)) return [invitation, first];
  const again = at + random.between(hours(1), days(3));
  const second = answer(account, asking, { question, at: again, random, suffix: 'answer-2' });
  return [invitation, first, second];
}

interface Answering {
  readonly question: Question;
  readonly at: number;
  readonly random: Random;
  readonly suffix: string;
}

function answer(account: Account, asking: Asking, answering: Answering): Draft {
  const { question, at, random, suffix } = answering;
  const share = at >= account.trainedAt ? SATISFIED_SHARE.trained : SATISFIED_SHARE.untrained;
  const [scaleMin, scaleMax] = question.scale;
  return note(account, asking, {
    type: 'survey.response_submitted',
    suffix,
    at,
    properties: {
      survey_id: question.survey,
      question_id: `${question.survey}-1`,
      kind: question.kind,
      score: random.pick(random.chance(share) ? question.good : question.poor),
      scale_min: scaleMin,
      scale_max: scaleMax,
      direction: 'higher_is_better',
      context: question.context,
      ...(asking.subject === undefined ? {} : { subject_id: asking.subject }),
    },
  });
}

function note(
  account: Account,
  asking: Asking,
  next: Pick<Draft, 'type' | 'at' | 'properties'> & { readonly suffix: string },
): Draft {
  const { suffix, ...fields } = next;
  return draft({
    ...fields,
    id: `${asking.instance}:${suffix}`,
    source: 'surveys',
    accountId: account.id,
    userId: asking.userId,
    properties: { instance_id: asking.instance, ...fields.properties },
  });
}

function isPresent(account: Account, member: Member, at: number): boolean {
  return member.joinedAt <= at && at < member.leftAt && isInUse(account.life, at);
}
