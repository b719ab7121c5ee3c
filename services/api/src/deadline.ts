import { Fault, type FaultCode } from '@kpi/core';

/** What to say when an engine takes too long: which fault, after how long, and what was being done. */
export interface Deadline {
  readonly ms: number;
  readonly code: FaultCode;
  readonly task: string;
}

/** The result of `work`, or the Fault of the deadline. The work itself is not stopped; its late result is dropped. */
export async function within<Result>(deadline: Deadline, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Fault(deadline.code, `${deadline.task} took longer than ${deadline.ms} ms`));
  }, deadline.ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
