import type { LiveView } from '@kpi/redis';
import type { Clock } from '@kpi/runtime';
import { z } from 'zod';

import type { Publications } from '../publications.ts';
import type { EventRate } from './event-rate.ts';
import { countEvents, iso } from './health-monitor.ts';

/** How far the live numbers of a tenant are. */
const statusAnswer = z.object({
  at: z.iso.datetime().describe('The time here, to hold the others against.'),
  events_counted: z.int().describe('Events applied to the live store since it was made.'),
  events_per_second: z.number().describe('The same per second, on average over ten seconds.'),
  fresh_at: z.iso.datetime().describe('When this process last agreed with the live store.'),
  published_at: z.iso
    .datetime()
    .nullable()
    .describe('When an evaluator was last seen at work; null when none ever was.'),
  sources: z
    .record(z.string(), z.iso.datetime())
    .describe('Last event of each source of the tenant, by event time.'),
});

/** The same as an answer of its own, with what a page asks for once. */
export const statusPageAnswer = statusAnswer.extend({
  tenants: z
    .array(z.string())
    .describe(
      'Tenants that have sent events and may be named, 100 at most; empty where the key decides.',
    ),
});

type StatusAnswer = Readonly<z.output<typeof statusAnswer>>;
export type ReadStatus = (tenantId: string) => StatusAnswer;

export function createStatus(parts: {
  readonly view: LiveView;
  readonly publications: Publications;
  readonly rate: EventRate;
  readonly clock: Clock;
}): ReadStatus {
  const { view, publications, rate, clock } = parts;
  return (tenantId) => ({
    at: iso(clock()),
    events_counted: countEvents(view),
    events_per_second: rate.read().perSecond,
    fresh_at: iso(view.freshAt),
    published_at:
      publications.publisherSeenAt === undefined ? null : iso(publications.publisherSeenAt),
    sources: Object.fromEntries([...view.sources(tenantId)].map(([name, at]) => [name, iso(at)])),
  });
}
