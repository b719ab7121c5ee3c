import type { History } from '@kpi/clickhouse';
import { churnAfterLandmark, churnDifference, splitRatio } from '@kpi/comparison';
import {
  ANY_USER,
  Fault,
  type KpiValue,
  type TrainingRule,
  bucketEnd,
  resolutionMs,
} from '@kpi/core';
import { type GroupDifference, groupDifference, toEnvelope } from '@kpi/values';
import { LEVEL } from '@kpi/statistics';
import type { Clock } from '@kpi/runtime';

import type { Address } from '../address.ts';
import { within } from '../deadline.ts';
import { emptyRow } from '../groups.ts';
import { type RawParameters, invalid, readInstant, readList } from '../parameters.ts';
import { pastValue, readPast } from '../past.ts';
import type { Question } from '../question.ts';
import type { Stores } from '../stores.ts';

export interface GroupsOptions {
  readonly stores: Stores;
  readonly history: Pick<History, 'exposures'>;
  readonly clock: Clock;
}

/** Two groups of a KPI, and how they differ. */
export interface ComparedGroups {
  readonly by: string;
  readonly groups: readonly [ComparedGroup, ComparedGroup];
  readonly difference: GroupDifference;
  readonly summary: string;
}

interface ComparedGroup {
  readonly group: string;
  readonly value: KpiValue;
}

export const GROUP_PARAMETERS = ['of', 'as_of'] as const;

const DEADLINE = { ms: 20_000, code: 'history_unreachable', task: 'a comparison' } as const;
const TRAINED = 'trained';
const CHURN = 'customer_churn_rate';
const TICKETS = 'support_ticket_rate';

/**
 * Why a KPI is not split by training: to be trained an account had to stay until then, so what comes before its training, or depends on
 * its staying, would be sorted by the future (STATISTICS 7 and 11).
 */
export function refuseFutureGroups({ kpi, variant }: Address, raw: RawParameters): void {
  if (!readList(raw, 'by').includes(TRAINED) || kpi.dimensions.includes(TRAINED)) return;
  if (kpi.id === CHURN && (variant.name === '' || variant.name === 'gross')) return;
  throw new Fault(
    'parameter_invalid',
    `${kpi.id} cannot be compared by training: who is trained is known only of those who stayed until then, so groups would be made by the outcome. GET /v1/compare/${TICKETS} compares person-time, ${CHURN} by status at the start of the window`,
    { path: '/query/by' },
  );
}

/** Which two values of the dimension. Throws `parameter_invalid`. */
function readPair(raw: RawParameters, by: string): readonly [string, string] {
  const named = readList(raw, 'of');
  const [first, second, third] = named;
  if (by === TRAINED && first === undefined) return ['true', 'false'];
  if (first !== undefined && second !== undefined && third === undefined && first !== second)
    return [first, second];
  throw invalid('of', `of names the two values of ${by} that are compared, such as of=pro,free`);
}

/** Compare two groups, as of a time: from history. Throws `history_unreachable`, `parameter_invalid`. */
export async function compareGroups(
  options: GroupsOptions,
  question: Question,
  raw: RawParameters,
): Promise<ComparedGroups> {
  const [by, more] = question.selection.by;
  if (by === undefined || more !== undefined)
    throw invalid('by', 'by names the one dimension whose values are compared');
  const pair = readPair(raw, by);
  const now = options.clock();
  const asOf =
    readInstant(raw, 'as_of') ?? bucketEnd(now, resolutionMs(question.selection.windowMs));
  if (asOf > bucketEnd(now, resolutionMs(question.selection.windowMs)))
    throw invalid('as_of', 'as_of lies in the future');
  const compared =
    by === TRAINED && question.address.kpi.id === CHURN
      ? await compareChurn(options, question, { asOf, pair })
      : await compareValuesOf(options, question, { asOf, pair, by });
  return { by, ...compared, summary: wordingOf(question, by, compared) };
}

interface Asked {
  readonly asOf: number;
  readonly pair: readonly [string, string];
}

type Found = Pick<ComparedGroups, 'groups' | 'difference'>;

async function compareValuesOf(
  { stores, history, clock }: GroupsOptions,
  question: Question,
  { asOf, pair, by }: Asked & { readonly by: string },
): Promise<Found> {
  const rows = await readPast({ stores, clock }, question, { asOf: [asOf] });
  const [one, zero] = pair.map(
    (group) => rows.find((row) => row.group[0] === group) ?? { ...emptyRow(asOf), group: [group] },
  );
  if (one === undefined || zero === undefined) throw new RangeError('there are two groups');
  const values = [pastValue(question, one, clock()), pastValue(question, zero, clock())] as const;
  const { address, definitions, selection, tenantId } = question;
  const subject = { ...address, windowMs: selection.windowMs, segment: {}, definitions };
  const sides = { one: one.components, zero: zero.components };
  const difference = groupDifference(subject, sides, values);
  const groups = [
    { group: pair[0], value: values[0] },
    { group: pair[1], value: values[1] },
  ] as const;
  if (address.kpi.id !== TICKETS || (by !== 'plan' && by !== 'tenure'))
    return { groups, difference };
  const window = { from: asOf - selection.windowMs, to: Math.min(asOf, clock()) };
  const accounts = await within(DEADLINE, (signal) =>
    history.exposures({
      tenantId,
      definitions,
      until: window.to,
      ticketsFrom: window.from,
      signal,
    }),
  );
  const { plan, tenure } = selection.filter;
  const ratio = splitRatio(
    accounts,
    {
      window,
      rule: ruleOf(question),
      lagMs: 0,
      tenureEdgesMs: definitions.tenureEdgesMs,
      strata: [],
      filter: { ...(plan && { plan }), ...(tenure && { tenure }) },
      countsIncidents: true,
      prepostMs: 0,
      washoutMs: 0,
      isClustered: true,
      areLooksRepeated: false,
    },
    { by, values: pair },
  );
  if (ratio === undefined) return { groups, difference };
  return {
    groups,
    difference: {
      ...difference,
      ratio: { value: ratio.ratio, ci: ratio.ci },
      p_value: ratio.p_value,
      notes: ['the ratio is clustered by account; the difference takes tickets as independent'],
    },
  };
}

/** By status at the start of the window: outcomes come after it. */
async function compareChurn(
  { history, clock }: GroupsOptions,
  question: Question,
  { asOf, pair }: Asked,
): Promise<Found> {
  const { address, definitions, selection, tenantId } = question;
  const at = asOf - selection.windowMs;
  const accounts = await within(DEADLINE, (signal) =>
    history.exposures({ tenantId, definitions, until: asOf, ticketsFrom: asOf, signal }),
  );
  const found = churnAfterLandmark(accounts, { at, until: asOf, rule: ruleOf(question) });
  const now = clock();
  const valueOf = (group: string): ComparedGroup => {
    const { accounts: start, churned } = group === 'true' ? found.trained : found.untrained;
    const subject = {
      ...address,
      windowMs: selection.windowMs,
      segment: { [TRAINED]: group },
      definitions,
    };
    const components = { start: BigInt(start), churned: BigInt(churned) };
    const moment = {
      to: asOf,
      asOf,
      computedAt: now,
      servedFrom: 'history',
      revision: 0,
      sources: {},
    } as const;
    return { group, value: toEnvelope(subject, components, moment) };
  };
  const difference = churnDifference(found);
  const sign = pair[0] === 'true' ? 1 : -1;
  const ends = [difference?.low ?? 0, difference?.high ?? 0].map((end) => end * sign);
  return {
    groups: [valueOf(pair[0]), valueOf(pair[1])],
    difference: {
      difference: difference === undefined ? null : difference.difference * sign,
      unit: 'percentage_points',
      ci:
        difference === undefined
          ? null
          : { level: LEVEL, low: Math.min(...ends), high: Math.max(...ends), method: 'newcombe' },
      ratio: null,
      p_value: null,
      notes: [
        'trained or not at the start of the window (landmark); what accounts became later plays no part',
      ],
    },
  };
}

function ruleOf({ definitions }: Question): TrainingRule {
  return { ...ANY_USER, courses: definitions.trainingCourses };
}

const UNIT_WORDS: Readonly<Record<GroupDifference['unit'], string>> = {
  percentage_points: 'percentage points',
  points: 'points',
  money: '',
  days: 'days',
  per_100_account_days: 'per 100 account-days',
  scale_points: 'scale points',
  number: '',
};

const WHO: Readonly<Record<string, string>> = {
  true: 'trained accounts',
  false: 'untrained accounts',
};

/** One sentence for people: a difference is an association. */
function wordingOf(
  { address }: Question,
  by: string,
  { groups, difference: found }: Found,
): string {
  const [one, zero] = groups.map(({ group }) => (by === TRAINED ? (WHO[group] ?? group) : group));
  const { difference, ci, unit } = found;
  const { title } = address.kpi;
  if (difference === null) return `${title}: no comparison, ${found.notes[0] ?? 'no data'}.`;
  const words = UNIT_WORDS[unit] === '' ? '' : ` ${UNIT_WORDS[unit]}`;
  const size = `${Math.abs(difference).toPrecision(3)}${words}`;
  const direction = difference < 0 ? 'lower' : 'higher';
  const what = `${title} was ${size} ${direction} for ${one} than for ${zero}`;
  if (ci === null || ci.high === null) return `${what}; an association, without an interval.`;
  const interval = `${ci.low.toPrecision(3)} to ${ci.high.toPrecision(3)}`;
  const isClear = ci.low > 0 || ci.high < 0;
  return isClear
    ? `${what} (interval ${interval}); this is an association.`
    : `No clear difference: ${what}, with an interval of ${interval}.`;
}
