import { days, hours } from '@kpi/core';

import type { Account, Member } from './account.ts';
import { type Draft, draft } from './draft.ts';
import type { Period } from './period.ts';
import { type Random, createRandom } from './random.ts';
import { isInUse } from './subscription.ts';
import { onboardingSurveyDrafts } from './surveys.ts';

/** Actions of one member per day of use, all of which are told live. */
const ACTIONS_PER_DAY = 6;
/** Of history one action in this many is told: enough for every day of use to show, and quick to load. */
const HISTORY_KEEPS_ONE_IN = 5;
const OFFLINE_SHARE = 0.01;
const FLOW_ID = 'first-project';
const STEPS = ['profile', 'project', 'source', 'team'] as const;
const COMPLETED_SHARE = 0.8;

interface Action {
  readonly name: string;
  readonly feature: string;
  readonly isValue: boolean;
  readonly weight: number;
}

const ACTIONS: readonly Action[] = [
  { name: 'open_dashboard', feature: 'dashboards', isValue: false, weight: 30 },
  { name: 'run_report', feature: 'reports', isValue: true, weight: 25 },
  { name: 'export_report', feature: 'reports', isValue: true, weight: 8 },
  { name: 'edit_project', feature: 'projects', isValue: true, weight: 18 },
  { name: 'create_project', feature: 'projects', isValue: true, weight: 4 },
  { name: 'invite_user', feature: 'team', isValue: false, weight: 2 },
  { name: 'connect_source', feature: 'sources', isValue: true, weight: 3 },
  { name: 'comment', feature: 'team', isValue: false, weight: 10 },
];
const ACTION_WEIGHTS = ACTIONS.map(({ weight }) => weight);

/** The account, its people and its onboarding. */
export function arrivalDrafts(account: Account): readonly Draft[] {
  const created = draft({
    id: `${account.id}:created`,
    type: 'account.created',
    source: 'app',
    at: account.createdAt,
    accountId: account.id,
    properties: {
      account_name: `Company ${account.number}`,
      plan: account.plan,
      source_channel: account.channel,
      is_internal: account.isInternal,
      domain: `company-${account.number}.example`,
    },
  });
  return [
    created,
    ...account.members.flatMap((member, index) => memberDrafts(account, member, index)),
    ...onboardingDrafts(account),
  ];
}

function memberDrafts(account: Account, member: Member, index: number): readonly Draft[] {
  const about = { source: 'app', accountId: account.id, userId: member.id };
  const role = index === 0 ? 'owner' : 'member';
  const joined = draft({
    ...about,
    id: `${member.id}:joined`,
    type: 'user.joined_account',
    at: member.joinedAt,
    properties: { role },
  });
  const identified = { ...joined, id: `${member.id}:identified`, type: 'user.identified' } as const;
  if (member.leftAt === Infinity) return [joined, identified];
  return [
    joined,
    identified,
    draft({
      ...about,
      id: `${member.id}:left`,
      type: 'user.left_account',
      at: member.leftAt,
      properties: {},
    }),
  ];
}

function onboardingDrafts(account: Account): readonly Draft[] {
  const [owner] = account.members;
  if (owner === undefined) return [];
  const random = createRandom(account.seed, account.id, 'onboarding');
  const note = (type: Draft['type'], at: number, step?: string): Draft =>
    draft({
      id: `${account.id}:${type}${step === undefined ? '' : `:${step}`}`,
      type,
      source: 'app',
      at,
      accountId: account.id,
      userId: owner.id,
      properties: { flow_id: FLOW_ID, ...(step === undefined ? {} : { step }) },
    });
  let at = owner.joinedAt + hours(0.3);
  const drafts = [note('onboarding.started', at)];
  const done = random.chance(COMPLETED_SHARE) ? STEPS.length : random.integer(0, STEPS.length - 1);
  for (const step of STEPS.slice(0, done)) {
    at += random.exponential(days(1));
    drafts.push(note('onboarding.step_completed', at, step));
  }
  if (done < STEPS.length) return drafts;
  return [
    ...drafts,
    note('onboarding.completed', at + hours(0.1)),
    ...onboardingSurveyDrafts(account, owner.id, at),
  ];
}

/** What the members do in one period; before `toldFullyFrom` only a sample of it is told. */
export function actionDrafts(
  account: Account,
  period: Period,
  toldFullyFrom: number,
): readonly Draft[] {
  return account.members.flatMap((member) => {
    const random = createRandom(account.seed, member.id, 'actions', period.number);
    const drafts: Draft[] = [];
    let at = period.from;
    for (let number = 1; ; number += 1) {
      at += random.exponential(days(1) / ACTIONS_PER_DAY);
      if (at >= period.to) return drafts;
      const isTold = at >= toldFullyFrom || number % HISTORY_KEEPS_ONE_IN === 0;
      if (!isTold || !isPresent(account, member, at)) continue;
      const id = `${member.id}:action:${period.number}:${number}`;
      drafts.push(action(account, member, { id, at, random: createRandom(account.seed, id) }));
    }
  });
}

function action(
  account: Account,
  member: Member,
  done: { readonly id: string; readonly at: number; readonly random: Random },
): Draft {
  const { name, feature, isValue } = done.random.pick(ACTIONS, ACTION_WEIGHTS);
  const lagMs = done.random.chance(OFFLINE_SHARE) ? done.random.exponential(hours(8)) : 0;
  return draft({
    id: done.id,
    type: 'product.action_performed',
    source: 'app',
    at: done.at,
    sendAt: done.at + lagMs,
    accountId: account.id,
    userId: member.id,
    properties: { action: name, feature, is_value_event: isValue },
  });
}

function isPresent(account: Account, member: Member, at: number): boolean {
  return member.joinedAt <= at && at < member.leftAt && isInUse(account.life, at);
}
