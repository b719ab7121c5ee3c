export * from './definitions.ts';
export * from './duration.ts';
export * from './fault.ts';
export * from './kpi.ts';
