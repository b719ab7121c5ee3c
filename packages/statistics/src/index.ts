export {
  type AlwaysValidOptions,
  FIRST_LOOK_ACCOUNTS_MIN,
  FIRST_LOOK_EVENTS_MIN,
  alwaysValidHalfWidth,
  alwaysValidInterval,
} from './always-valid.ts';
export * from './before-after.ts';
export * from './bootstrap.ts';
export * from './clustered-ratio.ts';
export { NORMAL_CLUSTERS_MIN, type SmallSample } from './clusters.ts';
export { type ContrastTime, type ContrastTotals, type TreatedShare } from './contrast.ts';
export * from './difference-in-differences.ts';
export * from './event-study.ts';
export { type Homogeneity } from './homogeneity.ts';
export { type Difference, type Interval, LEVEL } from './interval.ts';
export { type LogRatio, ratioInterval, ratioPValue } from './log-ratio.ts';
export * from './log-rank.ts';
export * from './mantel-haenszel.ts';
export * from './mean.ts';
export * from './multiple-testing.ts';
export { type PanelRow } from './panel.ts';
export { type PairedTime, type RateGroup } from './person-time.ts';
export * from './proportion.ts';
export * from './rate-ratio.ts';
export * from './rate.ts';
export { type Overlap, type StratumTime, type StratumTotals, sumStrata } from './strata.ts';
export * from './survival.ts';
export { type JointTest } from './wald.ts';
