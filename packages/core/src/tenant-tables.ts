import { ENTITY, entityParts, isEntity } from './entity.ts';
import { isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { MarginTable } from './margins.ts';
import { RateTable, utcDay } from './rates.ts';

/** What a tenant states about its money: the entity that states it, and its text; undefined takes it back. */
export interface Statement {
  readonly entity: string;
  readonly text: string | undefined;
}

/** Exchange rates and margins of one tenant. They are a matter of reading: nothing that is counted depends on them. */
export class TenantTables {
  readonly rates: RateTable = new RateTable();
  readonly margins: MarginTable = new MarginTable();

  take({ entity, text }: Statement): void {
    const [kind, ...name] = entityParts(entity);
    const [first = '', second = '', third = ''] = name;
    if (kind === ENTITY.rate)
      this.rates.set({ base: first, quote: second, day: utcDay(Date.parse(third)), rate: text });
    if (kind === ENTITY.margin) this.margins.set(Number(first), text);
  }
}

/** What the given entities of a home now state. */
export function statementsOf(home: FactSource, entities: Iterable<string>): readonly Statement[] {
  const statements: Statement[] = [];
  for (const entity of entities) {
    if (!isEntity(entity, ENTITY.rate) && !isEntity(entity, ENTITY.margin)) continue;
    const last = effectiveFacts(home, entity).findLast((fact) => isKind(fact, 'statement'));
    statements.push({ entity, text: last?.text });
  }
  return statements;
}
