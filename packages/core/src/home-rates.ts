import { ENTITY, entityParts, isEntity } from './entity.ts';
import { isKind } from './fact.ts';
import { type Home, effectiveFacts } from './home.ts';
import { type PublishedRate, utcDay } from './rates.ts';

/** Exchange rates that the given entities of a home now state; a rate that was taken back is undefined. */
export function ratesOf(home: Home, entities: Iterable<string>): readonly PublishedRate[] {
  const published: PublishedRate[] = [];
  for (const entity of entities) {
    if (!isEntity(entity, ENTITY.rate)) continue;
    const [, base = '', quote = '', date = ''] = entityParts(entity);
    const rate = effectiveFacts(home, entity).findLast((fact) => isKind(fact, 'rate'))?.rate;
    published.push({ base, quote, day: utcDay(Date.parse(date)), rate });
  }
  return published;
}
