import { type KpiValue, type Status } from '@kpi/core';

/** A status that holds, with the sentence that goes into the notes. */
export interface Finding {
  readonly status: Status;
  readonly note: string;
}

/** A value with its interval, and what is to be said of it. */
export interface Read extends Pick<KpiValue, 'value' | 'ci'> {
  readonly findings: readonly Finding[];
}
