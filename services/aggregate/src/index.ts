export { type AggregateConfig, aggregateOptions } from './options.ts';
export { start } from './start.ts';
