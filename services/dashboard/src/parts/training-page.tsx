import { useState } from 'preact/hooks';

import { HISTORY_DEADLINE_MS } from '../data/client.ts';
import { dayText, timeText, windowText } from '../data/format.ts';
import type { TrainingAnswer } from '../data/training-answer.ts';
import {
  type CompareSpan,
  SPANS,
  type TrainingQuestion,
  questionOf,
  searchOf,
  trainingPath,
} from '../data/training-question.ts';
import { useAnswer } from '../data/use-answer.ts';
import { EventStudyPanel } from './event-study.tsx';
import { TrainingVerdict } from './training-verdict.tsx';
import { TrainingMethod } from './training-method.tsx';
import { TrainingMissing } from './training-missing.tsx';
import { TrainingRates } from './training-rates.tsx';
import { TrainingRatios } from './training-ratios.tsx';
import { TrainingStrata } from './training-strata.tsx';

/** A comparison that grows moves with the events; a fixed one only when late events revise it. */
const GROWING_MS = 15_000;
const FIXED_MS = 60_000;

/** Whether trained customers open fewer tickets, how sure that is, and what the usual comparisons get wrong. */
export function TrainingPage() {
  const [question, ask] = useQuestion();
  const { answer, refusal, isCurrent } = useAnswer<TrainingAnswer>(trainingPath(question), {
    everyMs: question.span === 'quarter' ? GROWING_MS : FIXED_MS,
    deadlineMs: HISTORY_DEADLINE_MS,
    isFirst: true,
  });
  return (
    <>
      <div class="intro">
        <h1>Do trained customers open fewer tickets?</h1>
        {answer !== undefined && <Moment answer={answer} isCurrent={isCurrent} />}
      </div>
      <Toolbar question={question} ask={ask} />
      {refusal !== undefined && !refusal.needsKey && (
        <p class="notice" role="alert">
          {refusal.message} It is asked again by itself.
          {answer !== undefined && ' What follows is what was known last.'}
        </p>
      )}
      {answer === undefined ? (
        refusal === undefined && <Waiting />
      ) : (
        <div class="training" aria-busy={!isCurrent}>
          <TrainingVerdict answer={answer} />
          <TrainingRates answer={answer} />
          {answer.status === 'no_data' ? (
            <TrainingMissing />
          ) : (
            <>
              <TrainingRatios answer={answer} />
              <EventStudyPanel study={answer.event_study} />
              <TrainingStrata answer={answer} />
            </>
          )}
          <TrainingMethod answer={answer} />
        </div>
      )}
    </>
  );
}

/** The question is part of the address, so that a view can be sent to somebody. */
function useQuestion(): readonly [TrainingQuestion, (change: Partial<TrainingQuestion>) => void] {
  const [question, setQuestion] = useState(() => questionOf(location.search));
  const ask = (change: Partial<TrainingQuestion>): void => {
    const next = { ...question, ...change };
    setQuestion(next);
    history.replaceState(null, '', `${location.pathname}${searchOf(next)}`);
  };
  return [question, ask];
}

/** What is compared, and when it was computed. */
function Moment(options: { readonly answer: TrainingAnswer; readonly isCurrent: boolean }) {
  const { answer, isCurrent } = options;
  const { window, computed_at: at } = answer;
  return (
    <p class="quiet moment">
      <span>
        {dayText(window.from)} – {window.is_growing ? 'now' : dayText(window.to)}
      </span>{' '}
      <span role="status">
        {isCurrent ? (
          <>
            computed at <time dateTime={at}>{timeText(at)}</time>
          </>
        ) : (
          'Reading another window; until then the one before'
        )}
      </span>
    </p>
  );
}

function Toolbar(options: {
  readonly question: TrainingQuestion;
  readonly ask: (change: Partial<TrainingQuestion>) => void;
}) {
  const { question, ask } = options;
  return (
    <div class="toolbar">
      <fieldset class="segments">
        <legend>Window</legend>
        {SPANS.map((span) => (
          <label key={span}>
            <input
              type="radio"
              name="over"
              value={span}
              checked={span === question.span}
              onChange={() => ask({ span })}
            />
            {spanText(span)}
          </label>
        ))}
      </fieldset>
      <label class="field">
        <input
          type="checkbox"
          checked={question.isWithoutOutages}
          onChange={({ currentTarget }) => ask({ isWithoutOutages: currentTarget.checked })}
        />
        <span>Leave out outages</span>
      </label>
      <p class="quiet">
        {question.span === 'quarter'
          ? 'Grows since the quarter began; renewed every 15 seconds.'
          : 'A fixed window: decide for it before looking.'}
      </p>
    </div>
  );
}

function spanText(span: CompareSpan): string {
  return span === 'quarter' ? 'This quarter' : windowText(span);
}

/** The shape of what is to come. */
function Waiting() {
  return (
    <div class="training is-waiting" role="status">
      <p class="panel">
        Comparing trained with untrained time, account by account. This takes a few seconds.
      </p>
      <div class="panel" />
      <div class="panel" />
    </div>
  );
}
