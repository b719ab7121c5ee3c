import { statusText } from '../data/notes.ts';
import type { TrainingAnswer } from '../data/training-answer.ts';
import {
  changeIntervalText,
  changeText,
  isGrave,
  summaryParts,
  isClear,
  verdictText,
} from '../data/training-words.ts';
import { ChangingNumber } from './changing-number.tsx';

/** Where the word for any value would say too little. */
const STATUS: Readonly<Partial<Record<TrainingAnswer['status'], string>>> = {
  suspect: 'Suspect: read the notes first',
  low_n: 'Few tickets or accounts',
};

/** The answer in the words of the API, what to make of it, and the change in large. */
export function TrainingVerdict({ answer }: { readonly answer: TrainingAnswer }) {
  const { lead, notes, rest } = summaryParts(answer);
  return (
    <section class="panel is-wide answer" aria-labelledby="training-verdict">
      <div class="answer-words">
        <header>
          <h2 id="training-verdict">The answer</h2>
          <span class="status" data-status={answer.status}>
            {STATUS[answer.status] ?? statusText(answer.status)}
          </span>
        </header>
        <p class="summary">
          <span class="lead">{lead}</span>
          {notes.map((note) => (
            <span key={note.code} class="note" data-grave={isGrave(note)}>
              {` ${note.said}`}
            </span>
          ))}
          {rest !== '' && <span class="aside">{` ${rest}`}</span>}
        </p>
      </div>
      <Change answer={answer} />
    </section>
  );
}

function Change({ answer: { headline, status } }: { readonly answer: TrainingAnswer }) {
  if (headline === null)
    return (
      <div class="change-figure">
        <p class="value is-empty">No answer yet</p>
      </div>
    );
  const { ratio, ci } = headline;
  return (
    <div class="change-figure" data-clear={status === 'ok' && isClear(ci)}>
      <p class="value">
        <ChangingNumber text={changeText(ratio)} />
        <span class="unit">tickets in trained time, like with like</span>
      </p>
      <p class="basis">
        {ci === null ? 'No interval can be given' : `Interval ${changeIntervalText(ci)}`}
        {ci !== null && <strong>{verdictText(ci)}</strong>}
      </p>
    </div>
  );
}
