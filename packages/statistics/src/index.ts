export { type Interval, LEVEL } from './interval.ts';
export * from './mean.ts';
export * from './proportion.ts';
export * from './rate.ts';
export * from './survival.ts';
