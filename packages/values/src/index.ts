export * from './comparison.ts';
export * from './envelope.ts';
