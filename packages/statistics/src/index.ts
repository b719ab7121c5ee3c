export { type Interval, LEVEL } from './interval.ts';
export * from './proportion.ts';
export * from './rate.ts';
