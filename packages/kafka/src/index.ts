export * from './event-validators.gen.ts';
export * from './formats.ts';
export * from './schemas.gen.ts';
