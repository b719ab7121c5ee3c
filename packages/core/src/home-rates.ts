import { ENTITY, entityParts } from './entity.ts';
import { isKind } from './fact.ts';
import { type Home, effectiveFacts } from './home.ts';
import { type PublishedRate, utcDay } from './rates.ts';

/** Exchange rates that the given entities of a home now state; a rate that was taken back is undefined. */
export function ratesOf(home: Home, entities: Iterable<string>): readonly PublishedRate[] {
  const snapshot = home.snapshot();
  return [...entities].flatMap((entity) => {
    const [kind, base = '', quote = '', date = ''] = entityParts(entity);
    if (kind !== ENTITY.rate) return [];
    const rate = effectiveFacts(snapshot, entity).findLast((fact) => isKind(fact, 'rate'))?.rate;
    return [{ base, quote, day: utcDay(Date.parse(date)), rate }];
  });
}
