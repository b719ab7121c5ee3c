import { describe, expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS, type Definitions } from './definitions.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, days } from './duration.ts';
import { kpiOf, kpisOf } from './kpis/index.ts';
import { kpiOfOwn } from './own-catalogue.ts';
import { type OwnEvent } from './own-events.ts';
import { type OwnFormula, type OwnKpi } from './own-kpi.ts';
import { NO_ACCOUNT } from './account.ts';
import { Home, type PlacedFact, ownKey } from './home.ts';
import { EVERYTHING, ownHistories } from './own-units.ts';

const OPENED = { event: 'product.action_performed', where: [] } as const;
const PAID = { event: 'billing.invoice_paid', where: [] } as const;

function own(formula: OwnFormula, id = 'mine'): OwnKpi {
  return {
    ...formula,
    id,
    version: 1,
    title: id,
    description: '',
    unit: 'number',
    dimensions: [{ name: 'plan', field: 'account.plan' }],
    windows: [HOUR_MS],
  };
}

const COHORT = own({
  type: 'cohort_ratio',
  entry: OPENED,
  converted: PAID,
  per: 'user',
  horizonMs: MINUTE_MS,
});

function withOwn(...ownKpis: readonly OwnKpi[]): Definitions {
  return { ...DEFAULT_DEFINITIONS, ownKpis };
}

function opened(at: number): OwnEvent {
  return { type: 'product.action_performed', at, user: 'u', fields: {}, plan: 'pro' };
}

describe('a KPI of one’s own', () => {
  test('is found among those of its tenant only, and is one object', () => {
    const definitions = withOwn(own({ type: 'count', events: OPENED }));
    expect(kpiOf('mine', definitions)).toBe(kpisOf(definitions).at(-1));
    expect(kpiOf('mine', DEFAULT_DEFINITIONS)).toBeUndefined();
    expect(kpiOf('mine')).toBeUndefined();
    expect(kpiOf('nps_score', definitions)).toBe(kpiOf('nps_score'));
  });

  test('counts an event in the half-open window', () => {
    const { events } = kpiOfOwn(own({ type: 'count', events: OPENED })).measures;
    if (events?.unit !== 'own_event') throw new TypeError('it counts events');
    const options = { windowMs: HOUR_MS, definitions: DEFAULT_DEFINITIONS };
    expect(events.intervals(opened(100), options)).toEqual([
      { from: 101, to: 101 + HOUR_MS, weight: 1, dimensions: { plan: 'pro' } },
    ]);
  });

  test('has the interval that fits it', () => {
    const intervalOf = (formula: OwnFormula) => kpiOfOwn(own(formula)).variants[0]?.interval;
    const count = { type: 'count', events: OPENED } as const;
    const asked = {
      ...OPENED,
      where: [{ field: 'action', is: 'in', values: ['open'] }],
    } as const;
    expect(intervalOf(count)).toBe('garwood');
    expect(intervalOf({ type: 'distinct', events: OPENED, of: 'user' })).toBe('none');
    expect(intervalOf({ type: 'mean', events: PAID, of: 'purchase_count' })).toBe('student_t');
    const share = { ...count, events: asked };
    expect(intervalOf({ type: 'ratio', numerator: share, denominator: count })).toBe('wilson');
    expect(intervalOf({ type: 'ratio', numerator: count, denominator: share })).toBe('none');
    const paid = { type: 'count', events: PAID } as const;
    expect(intervalOf({ type: 'ratio', numerator: paid, denominator: count })).toBe('none');
  });

  test('takes its horizon from a question', () => {
    const definitions = withOwn(COHORT);
    const kpi = kpiOfOwn(COHORT);
    expect(kpi.horizon?.of(definitions)).toBe(MINUTE_MS);
    const changed = kpi.horizon?.with(definitions, DAY_MS) ?? definitions;
    expect(kpiOf('mine', changed)?.lookBackMs(HOUR_MS, changed)).toBe(HOUR_MS + DAY_MS);
    expect(definitions.ownKpis).toEqual([COHORT]);
  });
});

describe('a cohort', () => {
  function fact(type: string, at: number, user = 'u'): PlacedFact {
    const eventId = `${type}-${at}-${user}`;
    const entity = `d\u001F${type}\u001F${Math.floor(at / DAY_MS)}`;
    const origin = { key: ownKey(`app\u001F${eventId}`), eventId, at };
    return {
      entity,
      fact: {
        ...origin,
        sourceVersion: 0,
        receivedAt: 0,
        offset: 0,
        kind: 'event',
        user,
        fields: {},
      },
    };
  }

  function entrants(...facts: readonly PlacedFact[]) {
    const home = new Home();
    home.mergeAll(facts);
    const options = {
      account: { state: NO_ACCOUNT, exposure: [] },
      subject: 'a',
      hasAccount: true,
      definitions: withOwn(COHORT),
    };
    const [, , list] = ownHistories(home, options, EVERYTHING);
    if (list?.name !== 'own_entrant') throw new TypeError('entrants come last');
    return list.units.map(({ entry, isConverted }) => [entry.user, entry.at, isConverted]);
  }

  const START = days(3);
  const opens = fact('product.action_performed', START);
  const paysAt = (at: number, user = 'u') => fact('billing.invoice_paid', at, user);

  test('converts from the entry on, and before the horizon ends', () => {
    expect(entrants(opens, paysAt(START - 1))).toEqual([['u', START, false]]);
    expect(entrants(opens, paysAt(START))).toEqual([['u', START, true]]);
    expect(entrants(opens, paysAt(START + MINUTE_MS - 1))).toEqual([['u', START, true]]);
    expect(entrants(opens, paysAt(START + MINUTE_MS))).toEqual([['u', START, false]]);
  });

  test('is entered once, by the first entry of all time', () => {
    const earlier = fact('product.action_performed', START - days(2));
    expect(entrants(opens, earlier, paysAt(START))).toEqual([['u', START - days(2), false]]);
  });

  test('is of users: another one’s conversion and events of nobody do not count', () => {
    const nobody = fact('product.action_performed', START - 1, '');
    expect(entrants(opens, nobody, paysAt(START, 'v'))).toEqual([['u', START, false]]);
  });
});
