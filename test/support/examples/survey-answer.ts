import { type KpiEvent, type SurveyResponseSubmitted, days } from '@kpi/core';

import { event } from '../event.ts';

type Answer = Pick<SurveyResponseSubmitted, 'event_id' | 'score'> &
  Partial<SurveyResponseSubmitted>;

/** Makes answers to one question; each is of a person of its own unless it says otherwise. */
export function answersTo(question: Partial<SurveyResponseSubmitted>) {
  return (asOf: number, daysAgo: number, fields: Answer): KpiEvent =>
    event('survey.response_submitted', {
      occurred_at: asOf - days(daysAgo),
      user_id: fields.event_id,
      ...question,
      ...fields,
    });
}
