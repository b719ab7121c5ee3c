export { type ApiConfig, apiOptions } from './options.ts';
export { start } from './start.ts';
