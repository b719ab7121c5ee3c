import { type Definitions, formatDuration, kpiOf } from '@kpi/core';
import type { HttpServer } from '@kpi/runtime';
import { z } from 'zod';

import type { TenantOf } from '../access.ts';
import { findAddress, idOf } from '../address.ts';
import { type RawParameters } from '../parameters.ts';
import { readQuestion } from '../routes.ts';
import { QUESTION_REFUSALS, idParameters } from '../schemas.ts';
import { type CompareAnswer, compareAnswer } from './answer.ts';
import { type AskedComparison, compareParameters, readComparison } from './asked.ts';
import type { Compared, Comparisons } from './comparisons.ts';
import {
  GROUP_PARAMETERS,
  type GroupsOptions,
  compareGroups,
  refuseFutureGroups,
} from './groups.ts';
import { type GroupsAnswer, groupsAnswer, groupsParameters } from './groups-answer.ts';

export interface CompareOptions extends GroupsOptions {
  readonly comparisons: Comparisons;
  readonly definitionsOf: (tenantId: string) => Definitions;
  readonly tenantOf: TenantOf;
}

const TICKETS = 'support_ticket_rate';

/** The growing comparison of a tenant now, by its own definitions, as JSON: what streams tell. */
export function createComparisonReader({
  comparisons,
  definitionsOf,
  clock,
}: Pick<CompareOptions, 'comparisons' | 'definitionsOf' | 'clock'>) {
  return async (tenantId: string): Promise<string> => {
    const definitions = definitionsOf(tenantId);
    const asked = readComparison({}, { definitions, nowMs: clock() });
    const compared = await comparisons.compare({ tenantId, definitions, asked });
    return JSON.stringify(describe({ asked, compared, definitions, nowMs: clock() }));
  };
}

/** `GET /v1/compare/{kpi}?by=`: two groups of any KPI. */
export function registerGroupComparisons(http: HttpServer, options: CompareOptions): void {
  const { definitionsOf, tenantOf } = options;
  http.get(
    '/v1/compare/:id',
    {
      schema: {
        tags: ['comparisons'],
        security: [{ apiKey: [] }],
        summary: 'Two groups of a KPI, with the interval of their difference',
        description:
          'Shares by Newcombe, scores by adjusted Wald or Welch, rates as a ratio, survival curves by the log-rank test. Groups that are made by the outcome or the future are refused, with the reason.',
        params: idParameters,
        querystring: groupsParameters,
        response: { 200: groupsAnswer, ...QUESTION_REFUSALS },
      },
    },
    async (request) => {
      const tenantId = await tenantOf(request);
      return answerGroups(options, {
        tenantId,
        id: request.params.id,
        raw: request.query,
        definitions: definitionsOf(tenantId),
      });
    },
  );
}

async function answerGroups(
  options: GroupsOptions,
  asked: {
    readonly tenantId: string;
    readonly id: string;
    readonly raw: RawParameters;
    readonly definitions: Definitions;
  },
): Promise<GroupsAnswer> {
  const { tenantId, id, raw, definitions } = asked;
  const address = findAddress(id, definitions);
  refuseFutureGroups(address, raw);
  // Trained or not at a landmark is no dimension of the KPI.
  const isLandmark = !address.kpi.dimensions.includes('trained') && raw['by'] === 'trained';
  const { by: _by, ...rest } = raw;
  const others = [...GROUP_PARAMETERS];
  const question = readQuestion({
    tenantId,
    address,
    raw: isLandmark ? rest : raw,
    definitions,
    others,
  });
  const compared = await compareGroups(
    options,
    isLandmark ? { ...question, selection: { ...question.selection, by: ['trained'] } } : question,
    raw,
  );
  return { kpi_id: idOf(address), ...compared };
}

/** `GET /v1/compare/support_ticket_rate`: do trained customers open fewer tickets? */
export function registerComparisons(http: HttpServer, options: CompareOptions): void {
  const { comparisons, definitionsOf, clock, tenantOf } = options;
  http.get(
    '/v1/compare/support_ticket_rate',
    {
      schema: {
        tags: ['comparisons'],
        security: [{ apiKey: [] }],
        summary: 'Tickets of trained and untrained time, compared fairly',
        description:
          'Each account gives untrained time before its training and trained time after it; time is compared with time of the same tenure and plan. Intervals allow for tickets of one account coming together. The naive comparisons are beside it, as unadjusted. An association: who is trained was not drawn by lot.',
        querystring: compareParameters,
        response: { 200: z.union([compareAnswer, groupsAnswer]), ...QUESTION_REFUSALS },
      },
    },
    async (request) => {
      const tenantId = await tenantOf(request);
      const definitions = definitionsOf(tenantId);
      if (request.query.by !== undefined)
        return answerGroups(options, { tenantId, id: TICKETS, raw: request.query, definitions });
      const asked = readComparison(request.query, { definitions, nowMs: clock() });
      const compared = await comparisons.compare({ tenantId, definitions, asked });
      return describe({ asked, compared, definitions, nowMs: clock() });
    },
  );
}

/** A comparison as the API tells it. */
function describe(of: {
  readonly asked: AskedComparison;
  readonly compared: Compared;
  readonly definitions: Definitions;
  readonly nowMs: number;
}): CompareAnswer {
  const { asked, compared, definitions, nowMs } = of;
  const { design } = asked;
  const { needs } = design.rule;
  const partOf = (part: Compared['history']) => ({
    from: iso(part.from),
    to: iso(part.to),
    at: iso(part.at),
  });
  return {
    kpi_id: 'support_ticket_rate',
    definition_version: (kpiOf('support_ticket_rate')?.version ?? 0) + definitions.changes,
    window: { from: iso(compared.from), to: iso(compared.to), is_growing: design.areLooksRepeated },
    training: {
      trained_by: 'users' in needs ? `users:${needs.users}` : `seats:${needs.seatShare}`,
      courses: [...design.rule.courses],
      lag: design.lagMs === 0 ? '0d' : formatDuration(design.lagMs),
    },
    stratified_by: [...design.strata],
    filter: Object.fromEntries(
      Object.entries(design.filter).map(([name, values]) => [name, [...values]]),
    ),
    served_from: {
      history: partOf(compared.history),
      live: compared.live === null ? null : partOf(compared.live),
    },
    computed_at: iso(nowMs),
    ...compared.report,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
