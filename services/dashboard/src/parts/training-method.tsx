import { dateTimeText, number, percent, timeText } from '../data/format.ts';
import type { AnswerPart, TrainingAnswer } from '../data/training-answer.ts';
import { listText, methodText, trainedByText } from '../data/training-words.ts';

/** How the numbers come about, and where from. */
export function TrainingMethod({ answer }: { readonly answer: TrainingAnswer }) {
  return (
    <details class="panel is-wide method">
      <summary>
        <h2>How this is computed</h2>
      </summary>
      <dl>
        <Time answer={answer} />
        <Certainty answer={answer} />
        <Origin answer={answer} />
      </dl>
      <p>
        This is an association: who is trained was not drawn by lot. An account that is sent to a
        course because it asks a lot will ask less afterwards with the course or without; the
        periods before training show it, and nothing removes it wholly.
      </p>
      <p>
        <a href="/docs">All parameters of the comparison in the API reference</a>
      </p>
    </details>
  );
}

function Time({ answer }: { readonly answer: TrainingAnswer }) {
  const { training, stratified_by: by, stratified, groups } = answer;
  const courses = training.courses.length === 0 ? 'any course' : listText(training.courses);
  return (
    <>
      <dt>Trained, from when on</dt>
      <dd>
        An account is trained from the moment on when {trainedByText(training.trained_by)} (
        {courses}). Its time before is untrained time, also when it is trained later: nobody is
        called trained for time in which they were not.
        {training.lag !== '0d' && ` The first ${training.lag} after training are left out.`}
      </dd>
      <dt>Person-time</dt>
      <dd>
        Tickets are divided by the time in which accounts were active:{' '}
        {number(groups.trained.account_days, 0)} trained and{' '}
        {number(groups.untrained.account_days, 0)} untrained account-days.{' '}
        {excludedText(answer.excluded)}
      </dd>
      <dt>Strata</dt>
      <dd>
        {by.length === 0
          ? 'All time is compared in one.'
          : `Trained time is compared with untrained time of the same ${listText(by)} only, and the ratios are pooled (Mantel-Haenszel): young accounts ask more and are rarely trained yet.`}
        {stratified !== null &&
          ` ${percent(stratified.overlap.trained_time, 0)} of trained and ${percent(stratified.overlap.untrained_time, 0)} of untrained time lie in strata that have both, with ${percent(stratified.overlap.trained_tickets, 0)} and ${percent(stratified.overlap.untrained_tickets, 0)} of the tickets. The rest is not compared.`}
      </dd>
    </>
  );
}

function excludedText(excluded: TrainingAnswer['excluded']): string {
  const parts = [
    excluded.account_not_active > 0 &&
      `${number(excluded.account_not_active, 0)} tickets of accounts that were not active`,
    excluded.unresolved_account > 0 &&
      `${number(excluded.unresolved_account, 0)} tickets of nobody known`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'No ticket is left out.' : `Left out: ${listText(parts)}.`;
}

function Certainty({ answer }: { readonly answer: TrainingAnswer }) {
  const { dispersion, stratified } = answer;
  const method = stratified?.ci?.method;
  return (
    <>
      <dt>Clusters</dt>
      <dd>
        Tickets of one account come together, so the spread is taken between accounts, not between
        tickets.
        {dispersion !== null &&
          ` They vary ${number(dispersion, 2)} times as much as independent tickets would.`}
      </dd>
      <dt>Interval</dt>
      <dd>
        {method === undefined
          ? 'There is none for the ratio yet.'
          : `The ratio has ${methodText(method)}.`}{' '}
        A comparison that is looked at as it grows needs the wider one, a window that was chosen
        before looking does not.
      </dd>
    </>
  );
}

function Origin({ answer }: { readonly answer: TrainingAnswer }) {
  const { history, live } = answer.served_from;
  return (
    <>
      <dt>From history</dt>
      <dd>
        {partText(history)}: counts, and all that follows accounts – intervals, before and after,
        the unadjusted numbers.
      </dd>
      <dt>From the live store</dt>
      <dd>
        {live === null
          ? 'Nothing: this question is answered from history alone.'
          : `${partText(live)}: tickets and time since, so that the ratio moves as events arrive.`}
      </dd>
      <dt>Computed</dt>
      <dd>
        <time dateTime={answer.computed_at}>{dateTimeText(answer.computed_at)}</time>
      </dd>
    </>
  );
}

function partText({ from, to, at }: AnswerPart): string {
  return `${dateTimeText(from)} to ${dateTimeText(to)}, read at ${timeText(at)}`;
}
