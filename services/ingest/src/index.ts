export * from './options.ts';
export * from './service.ts';
