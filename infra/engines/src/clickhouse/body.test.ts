import { expect, test } from 'vitest';

import { limited } from './body.ts';
import { failureOf } from './failure.ts';

async function* chunks(...sizes: readonly number[]): AsyncGenerator<Buffer, void> {
  for (const size of sizes) yield Buffer.alloc(size);
}

async function bytesThrough(source: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of source) bytes += chunk.length;
  return bytes;
}

test('a body of exactly the limit passes', async () => {
  expect(await bytesThrough(limited(chunks(60, 40), 100))).toBe(100);
});

test('one byte more is refused with 413', async () => {
  const refusal = await bytesThrough(limited(chunks(60, 41), 100)).catch((error: unknown) => error);
  expect(failureOf(refusal, '1')).toMatchObject({ status: 413, code: 307 });
});
