/**
 * Work on at most `concurrency` items at a time and give the results in the order of the items. Stops at the first
 * failure, after the work already begun has settled.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Its failure is seen when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      begun.push(result);
      const oldest = begun.length >= concurrency ? begun.shift() : undefined;
      if (oldest !== undefined) yield await oldest;
    }
    for (let next = begun.shift(); next !== undefined; next = begun.shift()) yield await next;
  } finally {
    await Promise.allSettled(begun);
  }
}
