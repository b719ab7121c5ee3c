import { Fault } from '@kpi/core';

/** A JSON object as it was parsed. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for data with fields: neither null nor a list. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON pointer (RFC 6901) of a path. */
export function pointer(...path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The refusal of one event for what stands at `path`. */
export function invalid(path: string, detail: string): Fault {
  return new Fault('event_invalid', detail, { path });
}
