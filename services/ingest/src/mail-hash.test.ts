import { expect, test } from 'vitest';

import { createHashMail, mapWithoutMail, withoutMail } from './mail-hash.ts';

const hashMail = createHashMail(Buffer.from('salt of one tenant'));

test('one address has one hash whatever its case, and another in another tenant', () => {
  const hash = hashMail('Ada@Example.org ');
  expect(hash).toMatch(/^mail:[0-9a-f]{64}$/);
  expect(hashMail('ada@example.org')).toBe(hash);
  expect(createHashMail(Buffer.from('salt of another'))('ada@example.org')).not.toBe(hash);
});

test('a hash is not hashed again, so a replay changes nothing', () => {
  const hash = hashMail('ada@example.org');
  expect(hashMail(hash)).toBe(hash);
});

test.each(['email', 'Email', 'user_email', 'inviteeEmail', 'e-mail', 'email_address'])(
  'what is called %s is hashed even when it does not look like an address',
  (name) => {
    expect(withoutMail(name, 'ada at example', hashMail)).toMatch(/^mail:/);
  },
);

test('an address is hashed whatever its name, other text is left alone', () => {
  expect(
    mapWithoutMail({ contact: 'ada@example.org', note: 'ask @ada', plan: 'pro' }, hashMail),
  ).toEqual({
    contact: hashMail('ada@example.org'),
    note: 'ask @ada',
    plan: 'pro',
  });
});
