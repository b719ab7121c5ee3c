import { expect, test } from 'vitest';

import { type AccountState, NO_ACCOUNT } from './account.ts';
import { newcomerOf } from './acquisition.ts';
import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { ENTITY, entityName } from './entity.ts';
import { type FactBody } from './fact.ts';
import { Home, type PlacedFact } from './home.ts';

const { refundGraceMs } = DEFAULT_DEFINITIONS.acquisition;
const PAID = { amountMinor: 100, currency: 'EUR' };
const CUSTOMER: AccountState = { ...NO_ACCOUNT, active: [{ from: 0, to: Infinity }] };

function placed(key: string, at: number, body: FactBody): PlacedFact {
  const origin = { key, eventId: key, at, sourceVersion: 0, receivedAt: 0, offset: 0 };
  return { entity: entityName(ENTITY.invoice, 'billing', 'i1'), fact: { ...origin, ...body } };
}

test('all paid back within the grace is no customer won; exactly at its end is too late', () => {
  const refundedWhen = (at: number): number | undefined => {
    const home = new Home();
    home.merge(placed('paid', 0, { kind: 'invoice', purchases: 1, ...PAID }));
    home.merge(placed('back', at, { kind: 'refund', ...PAID }));
    return newcomerOf(home, CUSTOMER, DEFAULT_DEFINITIONS)?.refunded[0]?.from;
  };
  expect(refundedWhen(refundGraceMs - 1)).toBe(refundGraceMs - 1);
  expect(refundedWhen(refundGraceMs)).toBeUndefined();
});
