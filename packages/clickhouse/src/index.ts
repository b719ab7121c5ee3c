export { type HistoryConfig } from './connection.ts';
export { type EventRow } from './event-columns.ts';
export {
  type CountOptions,
  type EventBatch,
  type History,
  type PartitionCount,
  type PartitionPlace,
  createHistory,
} from './history.ts';
export { type ReadOptions } from './read-kpi.ts';
