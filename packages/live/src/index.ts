export { archivedPast } from './archived-past.ts';
export * from './batch-reader.ts';
export { type RebuildProgress } from './filling.ts';
export { type CopyOptions, copyRecords } from './copy-records.ts';
export * from './late-events.ts';
export * from './own-topics.ts';
export * from './partition-worker.ts';
export { type PastSource } from './past.ts';
export * from './rebuild.ts';
