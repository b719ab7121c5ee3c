import { type Definitions } from './definitions.ts';
import { ENTITY, entityName } from './entity.ts';
import { type SurveyResponseSubmitted } from './events.gen.ts';
import { type FactBody } from './fact.ts';
import { validCes, validCsat, validNps } from './survey-answers.ts';

/** Which answers can be counted, and the kind of entity whose latest one counts, by what a question measures. */
const QUESTIONS = {
  csat: { kind: ENTITY.csatRespondent, validate: validCsat },
  nps: { kind: ENTITY.npsRespondent, validate: validNps },
  ces: { kind: ENTITY.cesRespondent, validate: validCes },
} as const;

/** One entity per respondent in the context `general`, unless defined otherwise, else per respondent and survey instance (KPI_SPEC 2.6, 7.4). */
export function answer(
  event: SurveyResponseSubmitted,
  { surveys }: Definitions,
): {
  readonly entity: string;
  readonly body: FactBody;
} {
  const { context, survey_id: survey } = event;
  const respondent = event.user_id ?? event.account_id ?? '';
  const isLatest = surveys.latestPerRespondent.includes(context);
  const instance = isLatest ? [] : [event.source, survey, event.instance_id];
  const { kind } = event.kind === 'text' ? QUESTIONS.csat : QUESTIONS[event.kind];
  return {
    entity: entityName(kind, context, respondent, ...instance),
    body: answerBody(event),
  };
}

/** An answer that cannot be counted is void: it must not leave a former payload of its key standing. */
function answerBody(event: SurveyResponseSubmitted): FactBody {
  if (event.kind === 'text') return { kind: 'void' };
  const scored = QUESTIONS[event.kind].validate({
    score: event.score,
    scaleMin: event.scale_min,
    scaleMax: event.scale_max,
    isReversed: event.direction === null ? null : event.direction === 'lower_is_better',
  });
  if (scored === undefined) return { kind: 'void' };
  return { kind: 'answer', survey: event.survey_id, context: event.context, ...scored };
}
