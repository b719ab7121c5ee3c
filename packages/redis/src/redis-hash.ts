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
