export * from './differences.ts';
export * from './questions.ts';
export * from './verify.ts';
