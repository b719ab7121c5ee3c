export * from './comparison.ts';
export { type Moment, type Subject, toEnvelope } from './envelope.ts';
export * from './group-difference.ts';
