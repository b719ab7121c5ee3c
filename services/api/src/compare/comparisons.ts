import {
  type ComparisonDesign,
  type ComparisonReport,
  type LiveStratum,
  addLive,
} from '@kpi/comparison';
import {
  type ComponentRow,
  type Definitions,
  type KpiQuery,
  MINUTE_MS,
  bucketEnd,
  days,
  resolutionMs,
} from '@kpi/core';
import type { Clock } from '@kpi/runtime';

import { within } from '../deadline.ts';
import { Recent } from '../recent.ts';
import type { LiveReader } from '../stores.ts';
import type { AskedComparison } from './asked.ts';
import type { ReportPool } from './report-pool.ts';

export interface ComparisonsOptions {
  readonly reports: Pick<ReportPool, 'report'>;
  readonly live: LiveReader;
  readonly clock: Clock;
}

/** A comparison, and where its parts came from: instants in ms. */
export interface Compared {
  readonly report: ComparisonReport;
  readonly from: number;
  readonly to: number;
  readonly history: Part;
  /** Null where all of it came from history. */
  readonly live: Part | null;
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

export interface Comparisons {
  compare(question: ComparisonQuestion): Promise<Compared>;
}

interface ComparisonQuestion {
  readonly tenantId: string;
  readonly definitions: Definitions;
  readonly asked: AskedComparison;
}

/** Time of a growing comparison that comes from the live store. */
const LIVE_WINDOW_MS = days(1);
const STEP_MS: number = resolutionMs(LIVE_WINDOW_MS);
/** How long the part from history is told again (KPI_SPEC 7.3: intervals are refreshed at least every 60 s). */
const RECENT = { forMs: 30_000, countMax: 100 };
const DEADLINE = { ms: 20_000, code: 'history_unreachable', task: 'a comparison' } as const;

/**
 * Comparisons of trained with untrained time. One that grows is counted from history until a day ago, with its interval, and from the live
 * store since: its ratio moves as events arrive. Throws `history_unreachable`, `store_unreachable`.
 */
export function createComparisons({ reports, live, clock }: ComparisonsOptions): Comparisons {
  const recent = new Recent<{ report: ComparisonReport; at: number }>({ ...RECENT, clock });

  function fromHistory({ tenantId, definitions, asked }: ComparisonQuestion) {
    const { design } = asked;
    const key = JSON.stringify([tenantId, definitions.changes, design]);
    return recent.of(key, () =>
      within(DEADLINE, async (signal) => {
        const at = clock();
        return { report: await reports.report({ tenantId, definitions, design }, signal), at };
      }),
    );
  }

  return {
    async compare(question) {
      const { asked, tenantId, definitions } = question;
      const { design } = asked;
      const now = clock();
      const to = bucketEnd(now, STEP_MS);
      const border = to - LIVE_WINDOW_MS;
      const query = queryOf({ tenantId, definitions, design, to, now });
      if (!asked.isLive || border <= design.window.from || !live.canAnswer(query)) {
        const { from } = design.window;
        // A window that grows ends at a whole minute, so that many who ask share an answer.
        const end = design.areLooksRepeated
          ? Math.floor(now / MINUTE_MS) * MINUTE_MS
          : design.window.to;
        const { report, at } = await fromHistory({
          ...question,
          asked: { ...asked, design: { ...design, window: { from, to: end } } },
        });
        return { report, from, to: end, history: { from, to: end, at }, live: null };
      }
      const before = { from: design.window.from, to: border };
      const { report, at } = await fromHistory({
        ...question,
        asked: { ...asked, design: { ...design, window: before } },
      });
      const added = addLive(report, strataOf(live.read(query), design), design);
      return {
        report: added,
        from: design.window.from,
        to: now,
        history: { ...before, at },
        live: { from: border, to: now, at: now },
      };
    },
  };
}

function queryOf(of: {
  readonly tenantId: string;
  readonly definitions: Definitions;
  readonly design: ComparisonDesign;
  readonly to: number;
  readonly now: number;
}): KpiQuery {
  const { plan, tenure } = of.design.filter;
  return {
    tenantId: of.tenantId,
    kpiId: 'support_ticket_rate',
    windowMs: LIVE_WINDOW_MS,
    asOf: [of.to],
    clipAt: of.now,
    by: ['trained', 'tenure', 'plan'],
    filter: {
      ...(plan === undefined ? {} : { plan }),
      ...(tenure === undefined ? {} : { tenure }),
    },
    definitions: of.definitions,
  };
}

/** Tickets outside active time have no dimensions, and no stratum. */
function strataOf(
  rows: readonly ComponentRow[],
  { strata }: ComparisonDesign,
): readonly LiveStratum[] {
  return rows.flatMap(({ group, components }) => {
    const [trained = '', tenure = '', plan = ''] = group;
    if (trained !== 'true' && trained !== 'false') return [];
    const parts: Readonly<Record<string, string>> = { tenure, plan };
    return [
      {
        parts: strata.map((name) => parts[name] ?? ''),
        isTrained: trained === 'true',
        tickets: Number(components['tickets'] ?? 0n),
        exposureMs: Number(components['exposure_ms'] ?? 0n),
      },
    ];
  });
}
