export * from './scratch.ts';
export * from './start-engines.ts';
