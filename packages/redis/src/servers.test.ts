import { expect, test } from 'vitest';

import { faultOf, serverOf } from './servers.ts';

const FIT = serverOf(
  [
    'redis_version:7.0.15',
    'role:master',
    'used_memory:1048576',
    'maxmemory:0',
    'maxmemory_policy:noeviction',
    'evicted_keys:3',
  ].join('\r\n'),
);

test('INFO is read, line ends of the protocol included', () => {
  expect(FIT).toEqual({
    version: '7.0.15',
    role: 'master',
    policy: 'noeviction',
    usedBytes: 1_048_576,
    maxBytes: 0,
    evictedKeys: 3,
  });
});

test.each(['7.0.0', '7.4.2', '8.0.1', '10.0.0'])('version %s is new enough', (version) => {
  expect(faultOf({ ...FIT, version })).toBeUndefined();
});

test.each(['6.2.14', '5.0.7', '0'])('version %s is refused by name', (version) => {
  expect(faultOf({ ...FIT, version })).toMatchObject({
    code: 'store_unsuitable',
    detail: expect.stringContaining(version),
  });
});

test('a replica is refused, and so is every policy that evicts', () => {
  expect(faultOf({ ...FIT, role: 'slave' })).toMatchObject({ code: 'store_unsuitable' });
  expect(faultOf({ ...FIT, policy: 'allkeys-lru' })).toMatchObject({ code: 'store_evicts' });
  expect(faultOf({ ...FIT, policy: 'volatile-ttl' })).toMatchObject({ code: 'store_evicts' });
});

test('a server that does not say its policy is believed', () => {
  expect(faultOf({ ...FIT, policy: undefined })).toBeUndefined();
});
