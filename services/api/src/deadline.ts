import { Fault, type FaultCode } from '@kpi/core';

/** What to say when an engine takes too long: which fault, after how long, and what was being done. */
export interface Deadline {
  readonly ms: number;
  readonly code: FaultCode;
  readonly task: string;
}

/** The result of `work`, or the Fault of the deadline. The signal tells the work that nobody waits any longer. */
export async function within<Result>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    const problem = `${deadline.task} took longer than ${deadline.ms} ms`;
    late.reject(new Fault(deadline.code, problem));
    stop.abort();
  }, deadline.ms);
  try {
    return await Promise.race([work(stop.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
