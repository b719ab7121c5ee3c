export * from './start-engines.ts';
