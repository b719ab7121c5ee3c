import { type Definitions, Fault, PART, kpisOf, parseDuration } from '@kpi/core';
import { z } from 'zod';

import { findAddress } from './address.ts';
import { invalid } from './parameters.ts';

/** Longer lists are no selection. */
const CHARS_MAX = 2_000;
const list = z.string().max(CHARS_MAX).optional();

/** Query of `GET /v1/stream`: what of all published values is wanted. */
export const streamParameters = z.strictObject({
  kpi: list.describe(
    'Ids, comma-separated; the id of a KPI includes its variants. All when absent.',
  ),
  window: list.describe('Windows such as `24h,28d`. All that are kept live when absent.'),
  by: list.describe(
    'Dimensions whose groups are wanted, comma-separated; empty for none. All when absent. Values in all always come.',
  ),
  comparison: z
    .literal('support_ticket_rate')
    .optional()
    .describe(
      'Also tell the growing comparison of trained and untrained time, as `comparison` messages (the answer of `GET /v1/compare/support_ticket_rate`).',
    ),
  snapshot: z
    .enum(['true', 'false'])
    .optional()
    .describe('Begin with all current values, also without `Last-Event-ID`.'),
});

export type StreamParameters = z.infer<typeof streamParameters>;

/** Whether a published value is wanted, by its address. */
export type IsWanted = (address: string) => boolean;

/** Throws `kpi_unknown`, `dimension_unknown`, `parameter_invalid`. */
export function selectAddresses(
  tenantId: string,
  asked: StreamParameters,
  definitions: Definitions,
): IsWanted {
  const kpis = namesOf(asked.kpi)?.map((id) => findAddress(id, definitions) && id);
  const windows = namesOf(asked.window)?.map(readWindow);
  const by = namesOf(asked.by)?.map((name) => readDimension(name, definitions));
  return (address) => {
    const [tenant = '', kpi = '', windowMs = '', dimension = ''] = address.split(PART);
    if (tenant !== tenantId) return false;
    if (windows !== undefined && !windows.includes(windowMs)) return false;
    if (by !== undefined && dimension !== '' && !by.includes(dimension)) return false;
    return kpis === undefined || kpis.some((id) => kpi === id || kpi.startsWith(`${id}.`));
  };
}

function namesOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').filter((name) => name !== '');
}

function readWindow(text: string): string {
  const ms = parseDuration(text);
  if (ms === undefined) throw invalid('window', 'a window is a number with m, h or d: 28d');
  return String(ms);
}

function readDimension(name: string, definitions: Definitions): string {
  if (kpisOf(definitions).some(({ dimensions }) => dimensions.includes(name))) return name;
  throw new Fault('dimension_unknown', 'no KPI has this dimension', { path: '/query/by' });
}
