import { type DeadLetter, type DeadLetterSink } from './dead-letters.ts';

/** A dead letter that the broker has, as it is counted: where its record came from, and why it was refused. */
export interface KeptLetter {
  /** Topic of the refused record; undefined for an event that never was in one. */
  readonly topic: string | undefined;
  readonly code: string;
}

/** The same sink, telling of each letter once the broker has it. A repeated batch tells again: letters are then too many, never too few. */
export function observeSink(
  sink: DeadLetterSink,
  onKept: (letter: KeptLetter) => void,
): DeadLetterSink {
  return {
    keep: async (letters) => {
      await sink.keep(letters);
      for (const letter of letters) onKept(keptLetterOf(letter));
    },
    drop: (ids) => sink.drop(ids),
  };
}

function keptLetterOf({ origin, reason }: DeadLetter): KeptLetter {
  return { topic: origin.kind === 'topic' ? origin.topic : undefined, code: reason };
}
