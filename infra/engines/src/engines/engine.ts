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
  /** The processes it consists of, where tests may take one away and bring it back. */
  readonly nodes: readonly EngineNode[];
  close(): Promise<void>;
}

/** One process of an engine. Its data and its address stay what they are. */
export interface EngineNode {
  /** As clients name it: host:port, or a URL. */
  readonly url: string;
  /** Its process id just now; throws when it does not run. */
  pid(): Promise<number>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** Start it again after {@link kill}, and wait until it answers. */
  start(): Promise<void>;
}

/** Small heaps and quick starts matter more here than peak speed, so the second compiler stays off. */
export const JAVA_FLAGS = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
] as const;
