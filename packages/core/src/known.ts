import { type Fact } from './fact.ts';
import { type Span, isEmpty } from './span.ts';

/**
 * Units that KPIs count are derived from the effective facts of one entity. What a value at t knows are the events before t
 * (KPI_SPEC 7.1.1): `known` is the stretch of as-of times at which a unit looks like this.
 */
export interface Known {
  readonly known: Span;
}

/** Stretches of as-of time between which an entity's knowledge changes, each with the facts known then. */
export function knowledge<Kind extends Fact>(
  facts: readonly Kind[],
): readonly { readonly known: Span; readonly facts: readonly Kind[] }[] {
  const [only] = facts;
  if (only === undefined) return [];
  if (facts.length === 1) return [{ known: { from: only.at + 1, to: Infinity }, facts }];
  return facts.flatMap((fact, index) => {
    const known = { from: fact.at + 1, to: (facts[index + 1]?.at ?? Infinity) + 1 };
    return isEmpty(known) ? [] : [{ known, facts: facts.slice(0, index + 1) }];
  });
}

/** Neighbouring states of knowledge that say the same of a unit are one: most facts tell nothing new. */
export function joined<Unit extends Known>(units: readonly Unit[]): readonly Unit[] {
  if (units.length < 2) return units;
  const kept: Unit[] = [];
  for (const unit of units) {
    const at = kept.findLastIndex(
      (one) => one.known.to === unit.known.from && isSameButKnown(one, unit),
    );
    const former = kept[at];
    if (former === undefined) kept.push(unit);
    else kept[at] = { ...unit, known: { from: former.known.from, to: unit.known.to } };
  }
  return kept;
}

function isSameButKnown(a: Known, b: Known): boolean {
  return Object.keys(a).every(
    (name) => name === 'known' || Reflect.get(a, name) === Reflect.get(b, name),
  );
}
