import { Fault } from '@kpi/core';

/** A Redis hash, however the client hands it over. */
export function recordOf(answer: unknown): Readonly<Record<string, string>> {
  if (Array.isArray(answer)) {
    const flat = answer.map(String);
    return Object.fromEntries(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])),
    );
  }
  if (typeof answer === 'object' && answer !== null) {
    return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
  }
  throw new Fault('store_corrupt', 'a hash was expected');
}

/** Reads a whole hash; by this name the client hands the answer over as it is. */
export const READ_HASH = 'HGETALL';

/** A large Redis hash as the server answers it, name and value in turn: an object of a million names costs more than to read it. */
export function* pairsOf(answer: unknown): Generator<readonly [name: string, value: string]> {
  if (!Array.isArray(answer)) throw new Fault('store_corrupt', 'a hash was expected');
  for (let index = 0; index < answer.length; index += 2)
    yield [String(answer[index]), String(answer[index + 1] ?? '')];
}
