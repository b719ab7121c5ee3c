export * from './differences.ts';
export * from './questions.ts';
export * from './verify.ts';
export * from './recount.ts';
export * from './verify-log.ts';
export * from './verification.ts';
export * from './verify-schedule.ts';
