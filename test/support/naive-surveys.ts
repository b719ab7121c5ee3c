import { type EventOf } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';

type Response = EventOf<'survey.response_submitted'>;

/** Lengths of scales that are known (KPI_SPEC 2.6). */
const LENGTHS: ReadonlySet<number> = new Set([2, 3, 5, 7, 10, 11]);

/** What an answer adds to the components; undefined when it is not valid. */
type Reading = (event: Response) => Counted | undefined;

interface Counted {
  readonly amounts: Readonly<Record<string, number>>;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** What it says of its account. */
  readonly scored?: number;
}

/** KPI_SPEC 2.6. */
export function csatAt(moment: Moment): readonly Part[] {
  return latestAnswers(moment, 'csat', (event) => {
    const place = placeOnScale(event);
    if (place === undefined) return undefined;
    const fromBadEnd =
      event.direction === 'lower_is_better' ? place.length + 1 - place.score : place.score;
    const boxes = new Map(Object.entries(moment.definitions.surveys.satisfiedBoxes));
    const satisfied = fromBadEnd > place.length - (boxes.get(String(place.length)) ?? 0);
    return { amounts: { responses: 1, satisfied: Number(satisfied) } };
  });
}

/** KPI_SPEC 2.7. */
export function npsAt(moment: Moment): readonly Part[] {
  return latestAnswers(moment, 'nps', ({ score, scale_min: low, scale_max: high, direction }) => {
    const isRecommendation =
      score !== null &&
      [null, 0].includes(low) &&
      [null, 10].includes(high) &&
      direction !== 'lower_is_better';
    if (!isRecommendation || score < 0 || score > 10) return undefined;
    const promoters = Number([9, 10].includes(score));
    const detractors = Number([0, 1, 2, 3, 4, 5, 6].includes(score));
    return { amounts: { responses: 1, promoters, detractors }, scored: promoters - detractors };
  });
}

/** KPI_SPEC 2.14. */
export function effortAt(moment: Moment): readonly Part[] {
  return latestAnswers(moment, 'ces', (event) => {
    const place = placeOnScale(event);
    if (place === undefined || event.direction === null) return undefined;
    const { score, length } = place;
    const middle = (length + 1) / 2;
    const isHigh = event.direction === 'higher_is_better';
    const easy = Number(isHigh ? score > middle : score < middle);
    return {
      amounts: { responses: 1, score_sum: score, score_squares: score * score, easy },
      dimensions: { scale: `${length}_${isHigh ? 'high' : 'low'}` },
    };
  });
}

/** Counted from 1 at the low end. */
function placeOnScale({ score, scale_min: low, scale_max: high }: Response) {
  if (score === null || low === null || high === null) return undefined;
  const length = high - low + 1;
  if (!LENGTHS.has(length) || score < low || score > high) return undefined;
  return { score: score - low + 1, length };
}

/**
 * KPI_SPEC 7.4: validate, then latest of each respondent (and instance, unless general), then window. An answer for an internal
 * account is the latest of its respondent too, but does not count.
 */
function latestAnswers(moment: Moment, kind: Response['kind'], read: Reading): readonly Part[] {
  const valid = ofTypes(moment.known, ['survey.response_submitted'])
    .filter((event) => event.kind === kind)
    .flatMap((event) => {
      const counted = read(event);
      return counted === undefined ? [] : [{ event, ...counted }];
    });
  const { latestPerRespondent: latestIn } = moment.definitions.surveys;
  const latest = lastOfEach(valid, ({ event }) =>
    JSON.stringify([
      event.context,
      event.user_id ?? event.account_id,
      ...(latestIn.includes(event.context)
        ? []
        : [event.source, event.survey_id, event.instance_id]),
    ]),
  );
  return latest
    .filter(
      ({ event }) =>
        moment.t - moment.windowMs <= event.occurred_at && !moment.isInternal(event.account_id),
    )
    .flatMap(({ event, amounts, dimensions, scored }): readonly Part[] => {
      const account = moment.accounts.get(event.account_id ?? '');
      const of = {
        plan: account?.plan(event.occurred_at) ?? '(none)',
        survey: event.survey_id,
        context: event.context,
        ...dimensions,
      };
      return [
        ...Object.entries(amounts).map(([component, amount]) => ({
          component,
          dimensions: of,
          amount,
        })),
        ...(scored === undefined ? [] : accountParts(event.account_id, scored, of)),
      ];
    });
}

/** KPI_SPEC 2.7: an account is the mean of its answers. */
function accountParts(
  account: string | null,
  mean: number,
  dimensions: Part['dimensions'],
): readonly Part[] {
  if (account === null) return [];
  const of = { dimensions, mean, of: account };
  return [
    { component: 'accounts', dimensions, distinct: account },
    { component: 'account_scores', ...of, power: 1 },
    { component: 'account_squares', ...of, power: 2 },
  ];
}
