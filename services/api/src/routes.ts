import type { Definitions } from '@kpi/core';
import { documentOf } from '@kpi/definitions';
import type { HttpServer } from '@kpi/runtime';

import type { TenantOf } from './access.ts';
import { type Address, findAddress } from './address.ts';
import type { Answers } from './answers.ts';
import { AXIS_PARAMETERS, readAxis } from './axis.ts';
import { describeCatalogue } from './catalogue.ts';
import { type RawParameters, readBaselines, readDefinitions, readSelection } from './parameters.ts';
import type { Question } from './question.ts';
import {
  KEY_REFUSALS,
  QUESTION_REFUSALS,
  catalogueAnswer,
  currentAnswer,
  currentParameters,
  historyAnswer,
  historyParameters,
  idParameters,
} from './schemas.ts';
import { type ReadChange, VERSION_PARAMETER, readVersion } from './versions.ts';

export interface RouteOptions {
  readonly answers: Answers;
  /** By what a tenant's numbers in the live store are counted. */
  readonly definitionsOf: (tenantId: string) => Definitions;
  readonly readChange: ReadChange;
  readonly clock: () => number;
  readonly tenantOf: TenantOf;
}

const COMMON = { tags: ['kpis'], security: [{ apiKey: [] }] };

/** The catalogue, the current value and the history of every KPI. */
export function registerKpis(http: HttpServer, options: RouteOptions): void {
  const { answers, clock, definitionsOf, readChange, tenantOf } = options;
  http.get(
    '/v1/kpis',
    {
      schema: {
        ...COMMON,
        summary: 'Every KPI with its definition',
        response: { 200: catalogueAnswer, ...KEY_REFUSALS },
      },
    },
    async (request) => {
      const definitions = definitionsOf(await tenantOf(request));
      return { kpis: describeCatalogue(definitions), definitions: documentOf(definitions) };
    },
  );
  http.get(
    '/v1/kpis/:id',
    {
      schema: {
        ...COMMON,
        summary: 'The current value of a KPI, or of each group',
        params: idParameters,
        querystring: currentParameters,
        response: { 200: currentAnswer, ...QUESTION_REFUSALS },
      },
    },
    async (request) => {
      const tenantId = await tenantOf(request);
      const definitions = definitionsOf(tenantId);
      const question = readQuestion({
        tenantId,
        address: findAddress(request.params.id, definitions),
        raw: request.query,
        definitions,
        others: ['compare'],
      });
      return answers.current(question);
    },
  );
  http.get(
    '/v1/kpis/:id/history',
    {
      schema: {
        ...COMMON,
        summary: 'A KPI as of one time or a series of times',
        params: idParameters,
        querystring: historyParameters,
        response: { 200: historyAnswer, ...QUESTION_REFUSALS },
      },
    },
    async (request) => {
      const tenantId = await tenantOf(request);
      const raw = request.query;
      const { id } = request.params;
      const inForce = definitionsOf(tenantId);
      const { kpi } = findAddress(id, inForce);
      const definitions = await readVersion(raw, { kpi, tenantId, inForce, readChange });
      // A KPI of the tenant's own is what it was in that version.
      const address = findAddress(id, definitions);
      const others = [...AXIS_PARAMETERS, VERSION_PARAMETER];
      const question = readQuestion({ tenantId, address, raw, definitions, others });
      const { windowMs } = question.selection;
      return answers.history(question, readAxis(raw, { nowMs: clock(), windowMs }));
    },
  );
}

/** A question that is checked against its KPI; `others` are parameters of the route. */
export function readQuestion(asked: {
  readonly tenantId: string;
  readonly address: Address;
  readonly raw: RawParameters;
  readonly definitions: Definitions;
  /** Parameters beside those of the selection. */
  readonly others: readonly string[];
}): Question {
  const { address } = asked;
  const selection = readSelection(address.kpi, asked.raw, asked.others);
  const definitions = readDefinitions(address, asked.raw, asked.definitions);
  const isLiveDefinition = definitions === asked.definitions;
  const compare = readBaselines(asked.raw);
  return { tenantId: asked.tenantId, address, selection, definitions, isLiveDefinition, compare };
}
