export { type ArchiveConfig, archiveOptions } from './options.ts';
export { start } from './start.ts';
