import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { DeltaSheet } from './delta-sheet.ts';
import { PART } from './entity.ts';
import { type Fact } from './fact.ts';
import { Home, type PlacedFact } from './home.ts';
import { CountedHome } from './home-change.ts';
import { homeKey, parseHomeKey } from './home-key.ts';
import { remakeHome } from './rereading.ts';
import { type Dispatch } from './shared-users.ts';

export const TENANT = 'acme';

/** A fact of the event `test` + id. */
export function fact(id: string, at: number, body: Partial<Fact>): Fact {
  const origin = { key: `test${PART}${id}`, eventId: id, at, sourceVersion: 0, receivedAt: at };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body of one kind
  return { ...origin, offset: 0, ...body } as Fact;
}

/** Homes that hear of everything that is told, in the order in which it is told. */
export class Company {
  readonly homes: Map<string, CountedHome> = new Map();
  readonly told: Dispatch[] = [];

  take(subject: string, ...facts: readonly PlacedFact[]): void {
    this.#deliver([{ to: homeKey(TENANT, subject), facts }]);
  }

  /** Another history of a home, as when somebody was erased from it. */
  remake(subject: string, ...facts: readonly PlacedFact[]): void {
    const key = homeKey(TENANT, subject);
    const former = this.homes.get(key);
    if (former === undefined) throw new RangeError(`nothing is known of ${subject}`);
    const { counted, dispatches } = remakeHome(former, { facts, version: 1 }, new DeltaSheet());
    this.homes.set(key, counted);
    this.#deliver(dispatches);
  }

  facts(subject: string, entity: string): readonly string[] {
    const home = this.homes.get(homeKey(TENANT, subject))?.home;
    return (home?.facts(entity) ?? []).map(
      ({ eventId, account }) => `${eventId}${account === undefined ? '' : ` of ${account}`}`,
    );
  }

  #take(key: string, facts: readonly PlacedFact[]): readonly Dispatch[] {
    const owner = { ...parseHomeKey(key), definitions: DEFAULT_DEFINITIONS };
    const home = this.homes.get(key) ?? new CountedHome(new Home(), owner);
    this.homes.set(key, home);
    const { dispatches } = home.apply(facts, new DeltaSheet());
    this.told.push(...dispatches);
    return dispatches;
  }

  #deliver(dispatches: readonly Dispatch[]): void {
    for (let left = [...dispatches]; left.length > 0;)
      left = left.flatMap((one) => this.#take(one.to, one.facts));
  }
}
