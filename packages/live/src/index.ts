export * from './batch-reader.ts';
export * from './late-events.ts';
export * from './partition-worker.ts';
export * from './rebuild.ts';
