export * from './default-file.ts';
export * from './definitions-file.ts';
export { documentOf } from './document.ts';
