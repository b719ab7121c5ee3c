export {
  type ArchivedRecords,
  type OffsetRange,
  type RecordCount,
  createArchivedRecords,
} from './archived-records.ts';
export { type HistoryConfig } from './connection.ts';
export { CONSUMER_VIEWS, type ConsumerView, type ViewColumn } from './consumer-views.ts';
export { type HistoryEraser, type NamedHomes, createHistoryEraser } from './erased-history.ts';
export { type EncodedRow, EventBlock, type FieldTarget } from './event-block.ts';
export { type EventRow } from './event-columns.ts';
export { type ExportFormat, type ExportQuery, type Exports, createExports } from './exports.ts';
export {
  type CountOptions,
  type EventBatch,
  type EventRows,
  type History,
  type PartitionCount,
  type PartitionPlace,
  createHistory,
} from './history.ts';
export {
  type AccountActivity,
  type ListedSubject,
  type MemberReader,
  type MemberStay,
  type MergedIds,
  NO_SUBJECT,
  type Subject,
  createMemberReader,
} from './member-events.ts';
export { type ReadOptions } from './read-kpi.ts';
export { type ArchivedRecord } from './record-rows.ts';
export { type PublishedRow, type ValueHistory, createValueHistory } from './value-history.ts';
