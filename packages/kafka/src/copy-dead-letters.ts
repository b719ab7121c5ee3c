import { Fault } from '@kpi/core';

import { DeadLetterBox, type DeadLetterBoxOptions } from './dead-letter-box.ts';
import { createDeadLetterSink } from './dead-letters.ts';
import { type EventProducer } from './event-producer.ts';

export interface CopyLettersOptions extends Omit<DeadLetterBoxOptions, 'topic'> {
  /** Dead-letter topics: from which and to which. */
  readonly from: string;
  readonly to: string;
  readonly producer: EventProducer;
}

const LETTERS_AT_ONCE = 100;

/**
 * Make the letters of another dead-letter topic those of one: what was replayed or dropped there meanwhile goes here too. Returns
 * how many there are. Throws `broker_unreachable`, and `overloaded` when they are too many to be held.
 */
export async function copyDeadLetters(options: CopyLettersOptions): Promise<number> {
  const { from, to, producer, ...reading } = options;
  const letters = await readAll({ ...reading, topic: from });
  const before = await readAll({ ...reading, topic: to });
  const sink = createDeadLetterSink(producer, to);
  const all = [...letters.values()];
  for (let at = 0; at < all.length; at += LETTERS_AT_ONCE)
    await sink.keep(all.slice(at, at + LETTERS_AT_ONCE).map(({ open }) => open()));
  const gone = [...before.keys()].filter((id) => !letters.has(id));
  if (gone.length > 0) await sink.drop(gone);
  return letters.size;
}

async function readAll(options: DeadLetterBoxOptions) {
  const box = new DeadLetterBox(options);
  try {
    const { held, unheld } = await box.read();
    if (unheld === 0) return held;
    throw new Fault(
      'overloaded',
      `${unheld} dead letters too many to be copied: replay or drop some`,
    );
  } finally {
    await box.close();
  }
}
