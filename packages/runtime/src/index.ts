export * from './clock.ts';
export * from './config.ts';
export * from './engine-options.ts';
export * from './http.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './problem.ts';
export * from './service.ts';
