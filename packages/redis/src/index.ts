export * from './connection.ts';
export * from './api-key-options.ts';
export * from './api-keys.ts';
export * from './identity.ts';
export * from './membership.ts';
export * from './tenant-salt.ts';
