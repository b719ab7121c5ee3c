export type { CanonicalEvent } from './canonical-event.ts';
export { type Demo, type DemoHooks, start } from './demo.ts';
export { type History, simulateHistory } from './history.ts';
export type { LoadProgress } from './load.ts';
export { SIMULATOR_OPTIONS, type SimulatorConfig } from './options.ts';
export * from './truth.ts';
