import { useEffect, useState } from 'preact/hooks';

import { Refusal, get } from './client.ts';

/** An answer of the API that is read again and again; what was known stays while it cannot be read. */
export interface Answered<Answer> {
  readonly answer: Answer | undefined;
  readonly refusal: Refusal | undefined;
}

export interface AnswerOptions {
  readonly everyMs: number;
  readonly deadlineMs?: number;
}

/** Histories that are read at a time: the store answers each faster, and live numbers are not kept waiting. */
const AT_ONCE = 2;
const waiting: (() => void)[] = [];
let running = 0;

/** Read `path` now and every `everyMs` while the page is in view; nothing when it is undefined. */
export function useAnswer<Answer>(
  path: string | undefined,
  { everyMs, deadlineMs }: AnswerOptions,
): Answered<Answer> {
  const [answered, setAnswered] = useState<Answered<Answer>>({
    answer: undefined,
    refusal: undefined,
  });
  useEffect(() => {
    if (path === undefined) return undefined;
    let isOver = false;
    const read = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const answer = await inTurn(deadlineMs !== undefined, () => get<Answer>(path, deadlineMs));
        if (!isOver) setAnswered({ answer, refusal: undefined });
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
  }, [path, everyMs, deadlineMs]);
  return answered;
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
