import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { endWhenStuck } from './slow-reader.ts';

const PATIENCE_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An answer on its way, whose reader reads as it is told to. */
function createAnswer() {
  const emitter = new EventEmitter();
  const answer = {
    writableNeedDrain: false,
    socket: { bytesWritten: 0 },
    isDestroyed: false,
    once: emitter.once.bind(emitter),
    destroy(): void {
      answer.isDestroyed = true;
      emitter.emit('close');
    },
  };
  endWhenStuck(answer, PATIENCE_MS);
  return answer;
}

test('a reader that takes nothing while something waits is ended', () => {
  const answer = createAnswer();
  answer.writableNeedDrain = true;
  vi.advanceTimersByTime(2 * PATIENCE_MS);
  expect(answer.isDestroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a slow reader that takes a little, and one for whom nothing waits, go on', () => {
  const slow = createAnswer();
  slow.writableNeedDrain = true;
  const idle = createAnswer();
  for (let round = 0; round < 5; round += 1) {
    slow.socket.bytesWritten += 1;
    vi.advanceTimersByTime(PATIENCE_MS);
  }
  expect([slow.isDestroyed, idle.isDestroyed]).toEqual([false, false]);
});
