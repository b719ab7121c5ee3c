export { type ApiConfig, apiOptions } from './options.ts';
export { type ApiService, start } from './start.ts';
