import { useEffect, useState } from 'preact/hooks';

import { Refusal, get } from './client.ts';

/** An answer of the API that is read again and again; what was known stays while it cannot be read. */
export interface Answered<Answer> {
  readonly answer: Answer | undefined;
  readonly refusal: Refusal | undefined;
  /** Whether the answer, if there is one, is that to the current question; it may still be the one before. */
  readonly isCurrent: boolean;
}

export interface AnswerOptions {
  readonly everyMs: number;
  readonly deadlineMs?: number;
  /** Whether it is read at once, although it may be slow: it is what the page is about. */
  readonly isFirst?: boolean;
}

/** Histories that are read at a time: the store answers each faster, and live numbers are not kept waiting. */
const AT_ONCE = 2;
const waiting: (() => void)[] = [];
let running = 0;

/** Read `path` now and every `everyMs` while the page is in view; nothing when it is undefined. */
export function useAnswer<Answer>(
  path: string | undefined,
  options: AnswerOptions,
): Answered<Answer> {
  const { answer, ...rest } = useAnswers<Answer>(path === undefined ? [] : [path], options);
  return { answer: answer?.[0], ...rest };
}

/** Read several paths, as {@link useAnswer}; known when all are. */
export function useAnswers<Answer>(
  paths: readonly string[],
  { everyMs, deadlineMs, isFirst }: AnswerOptions,
): Answered<readonly Answer[]> {
  const [answered, setAnswered] = useState<Known<Answer>>({
    answer: undefined,
    refusal: undefined,
    asked: '',
  });
  const asked = paths.join('\n');
  useEffect(() => {
    if (asked === '') return undefined;
    let isOver = false;
    const readOne = (path: string): Promise<Answer> =>
      inTurn(deadlineMs !== undefined && isFirst !== true, () => get<Answer>(path, deadlineMs));
    const read = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const answer = await Promise.all(asked.split('\n').map(readOne));
        if (!isOver) setAnswered({ answer, refusal: undefined, asked });
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal('failed', String(error));
        if (!isOver) setAnswered((known) => ({ ...known, refusal }));
      }
    };
    void read();
    const timer = setInterval(() => void read(), everyMs);
    const onVisible = (): void => void read();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      isOver = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [asked, everyMs, deadlineMs, isFirst]);
  return {
    answer: answered.answer,
    refusal: answered.refusal,
    isCurrent: answered.asked === asked,
  };
}

/** What is known, and what it is the answer to. */
interface Known<Answer> {
  readonly answer: readonly Answer[] | undefined;
  readonly refusal: Refusal | undefined;
  readonly asked: string;
}

/** Slow reads wait for each other, quick ones do not. */
async function inTurn<Answer>(isSlow: boolean, read: () => Promise<Answer>): Promise<Answer> {
  if (!isSlow) return read();
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await read();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
