export { type ComparedAccount, type Exposure, exposureOf } from './cells.ts';
export * from './comparison-report.ts';
export * from './design.ts';
export { GUARD_RAILS, type GuardRail, type Raised } from './guard-rails.ts';
export * from './landmark.ts';
export * from './live.ts';
export * from './report.ts';
export * from './split.ts';
export { UNADJUSTED, type Unadjusted } from './unadjusted.ts';
