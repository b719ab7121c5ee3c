import { type EventOf } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';

type Response = EventOf<'survey.response_submitted'>;

/** Lowest satisfied answer by length of scale, counted from 1 at its bad end (KPI_SPEC 2.6; 9 of 0 to 10 is the tenth). */
const SATISFIED_FROM: Readonly<Record<number, number>> = { 2: 2, 3: 3, 5: 4, 7: 6, 10: 9, 11: 10 };

interface Valid {
  readonly event: Response;
  readonly isSatisfied: boolean;
}

/** KPI_SPEC 2.6, 7.4: validate, then latest of each respondent (and instance, unless general), then window. */
export function csatAt(moment: Moment): readonly Part[] {
  const valid = ofTypes(moment.known, ['survey.response_submitted'])
    .filter((event) => event.kind === 'csat' && !moment.isInternal(event.account_id))
    .flatMap(validated);
  const latest = lastOfEach(valid, ({ event }) =>
    JSON.stringify([
      event.context,
      event.user_id ?? event.account_id,
      ...(event.context === 'general' ? [] : [event.source, event.survey_id, event.instance_id]),
    ]),
  );
  return latest
    .filter(({ event }) => moment.t - moment.windowMs <= event.occurred_at)
    .flatMap(({ event, isSatisfied }) => {
      const account = moment.accounts.get(event.account_id ?? '');
      const dimensions = {
        plan: account?.plan(event.occurred_at) ?? '(none)',
        survey: event.survey_id,
        context: event.context,
      };
      return [
        { component: 'responses', dimensions, amount: 1 },
        { component: 'satisfied', dimensions, amount: Number(isSatisfied) },
      ];
    });
}

function validated(event: Response): readonly Valid[] {
  const { score, scale_min: low, scale_max: high } = event;
  if (score === null || low === null || high === null) return [];
  const from = SATISFIED_FROM[high - low + 1];
  if (from === undefined || score < low || score > high) return [];
  const place = event.direction === 'lower_is_better' ? high - score + 1 : score - low + 1;
  return [{ event, isSatisfied: place >= from }];
}
