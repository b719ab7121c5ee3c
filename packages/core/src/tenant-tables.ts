import { ENTITY, type EntityKind, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { MarginTable } from './margins.ts';
import { RateTable, utcDay } from './rates.ts';
import { SpendTable, spendText } from './spend.ts';

/** What a tenant states about its money: the entity that states it, and its text; undefined takes it back. */
export interface Statement {
  readonly entity: string;
  readonly text: string | undefined;
}

/** Exchange rates, margins and spend of one tenant. They are a matter of reading: nothing that is counted depends on them. */
export class TenantTables {
  readonly rates: RateTable = new RateTable();
  readonly margins: MarginTable = new MarginTable();
  readonly spend: SpendTable = new SpendTable();

  take({ entity, text }: Statement): void {
    const [kind, ...name] = entityParts(entity);
    const [first = '', second = '', third = ''] = name;
    if (kind === ENTITY.rate)
      this.rates.set({ base: first, quote: second, day: utcDay(Date.parse(third)), rate: text });
    if (kind === ENTITY.margin) this.margins.set(Number(first), text);
    if (kind === ENTITY.spend) this.spend.set(entity, text);
  }
}

/** What the given entities of a home now state. */
export function statementsOf(home: FactSource, entities: Iterable<string>): readonly Statement[] {
  const statements: Statement[] = [];
  for (const entity of entities) {
    if (!STATED.some((kind) => isEntity(entity, kind))) continue;
    statements.push({ entity, text: textOf(effectiveFacts(home, entity).at(-1)) });
  }
  return statements;
}

const STATED: readonly EntityKind[] = [ENTITY.rate, ENTITY.margin, ENTITY.spend];

function textOf(fact: Fact | undefined): string | undefined {
  if (fact === undefined) return undefined;
  if (isKind(fact, 'spend')) return spendText(fact);
  return isKind(fact, 'statement') ? fact.text : undefined;
}
