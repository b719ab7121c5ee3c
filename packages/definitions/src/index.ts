export * from './default-file.ts';
export * from './definitions-file.ts';
