export { SUPERVISOR } from './process/supervised.ts';
export * from './scratch.ts';
export * from './start-engines.ts';
