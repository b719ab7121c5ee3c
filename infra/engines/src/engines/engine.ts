import { type Fault } from '@kpi/core';

/** What every engine needs to start. */
export interface EngineOptions {
  /** Folder of this engine's data and log, absolute. */
  readonly directory: string;
  /** Folder of the fetched programs; fetches them on the first call. */
  readonly programs: () => Promise<string>;
  readonly port: number;
  readonly onUnexpectedEnd: (fault: Fault) => void;
}

/** An engine that answers at `url` until `close`. */
export interface Engine {
  readonly url: string;
  close(): Promise<void>;
}

/** Small heaps and quick starts matter more here than peak speed, so the second compiler stays off. */
export const JAVA_FLAGS = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
] as const;
