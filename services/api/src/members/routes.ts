import type { MemberReader } from '@kpi/clickhouse';
import { type ComponentRow, Fault, type Member, bucketEnd, resolutionMs } from '@kpi/core';
import type { HttpServer } from '@kpi/runtime';
import { z } from 'zod';

import { findAddress, idOf } from '../address.ts';
import { within } from '../deadline.ts';
import { type RawParameters, invalid, readInstant, readOne } from '../parameters.ts';
import type { Question } from '../question.ts';
import { type RouteOptions, readQuestion } from '../routes.ts';
import { QUESTION_REFUSALS, idParameters, selection } from '../schemas.ts';
import type { HistoryReader } from '../stores.ts';
import { VERSION_PARAMETER, readVersion } from '../versions.ts';
import { type MembersAnswer, describeMember, membersAnswer } from './answer.ts';
import { type Cursor, formatCursor, parseCursor } from './cursor.ts';
import { readPage } from './page.ts';
import { readRates } from './read-homes.ts';

export interface MembersOptions extends Omit<RouteOptions, 'answers'> {
  readonly reader: MemberReader;
  readonly history: HistoryReader;
}

const LIMIT = { byDefault: 100, max: 1_000 } as const;
/** Pages of one process at a time: each derives the homes of up to 2,000 subjects. */
const PAGES_MAX = 4;
const DEADLINE = { ms: 20_000, code: 'history_unreachable', task: 'a page of members' } as const;

const text = z.string().optional();
const parameters = z
  .object({
    ...selection,
    as_of: text.describe('As-of time, RFC 3339; by default that of the current value.'),
    counted: text.describe(
      '`true`: those in the numerator, the denominator or n. `false`: all others. The name of a component: those that count in it.',
    ),
    account: text.describe('Only members of this account.'),
    definition_version: text.describe(
      'By the definitions of this version, such as `2`; by default those in force.',
    ),
    after: text.describe('The `next` of the page before; it is about the same as-of time.'),
    limit: text.describe(
      `Members of a page at most, by default ${LIMIT.byDefault}, up to ${LIMIT.max}. A page may hold fewer, or none, and have a next one.`,
    ),
  })
  .catchall(z.union([z.string(), z.array(z.string())]));

const PARAMETERS = ['as_of', 'counted', 'account', 'after', 'limit', VERSION_PARAMETER];

/** `GET /v1/kpis/{id}/members`: who counts in a value, who does not, and why. */
export function registerMembers(http: HttpServer, options: MembersOptions): void {
  let running = 0;
  http.get(
    '/v1/kpis/:id/members',
    {
      schema: {
        tags: ['kpis'],
        security: [{ apiKey: [] }],
        summary: 'Who counts in a KPI, who does not, and why',
        description:
          'Units of the KPI as of one time, by account, then users without one. What they count adds up to the components of the value; money is told in its own currency, by UTC day where days have their own rates. `by` matters for what counts once only.',
        params: idParameters,
        querystring: parameters,
        response: { 200: membersAnswer, ...QUESTION_REFUSALS },
      },
    },
    async (request) => {
      const { definitionsOf, readChange, tenantOf } = options;
      const tenantId = await tenantOf(request);
      const raw = request.query;
      const inForce = definitionsOf(tenantId);
      const address = findAddress(request.params.id, inForce);
      const definitions = await readVersion(raw, { ...address, tenantId, inForce, readChange });
      const question = readQuestion({ tenantId, address, raw, definitions, others: PARAMETERS });
      if (running >= PAGES_MAX)
        throw new Fault('rate_limited', `${PAGES_MAX} pages of members are being made; try again`);
      running += 1;
      try {
        return await within(DEADLINE, (signal) => answer({ question, raw, signal }, options));
      } finally {
        running -= 1;
      }
    },
  );
}

interface Asked {
  readonly question: Question;
  readonly raw: RawParameters;
  readonly signal: AbortSignal;
}

async function answer(
  { question, raw, signal }: Asked,
  { clock, reader, history }: MembersOptions,
): Promise<MembersAnswer> {
  const { address, definitions, tenantId } = question;
  const { windowMs, by, filter } = question.selection;
  const after = readOne(raw, 'after');
  const cursor = after === undefined ? undefined : parseCursor(after);
  const moment = cursor ?? momentOf(raw, { nowMs: clock(), windowMs });
  const { asOf, clipAt } = moment;
  const isWanted = readCounted(question, raw);
  const isWithheld = await isAnyWithheld(question, { asOf, history, signal });
  const clip = clipAt === null ? {} : { clipAt };
  const { kpi } = address;
  const rates = await readRates(reader, { tenantId, kpi, definitions, signal });
  const page = isWithheld
    ? { members: [], next: null }
    : await readPage(reader, {
        tenantId,
        asked: { ...address, windowMs, by, filter, definitions, asOf, rates, ...clip },
        account: readOne(raw, 'account'),
        isWanted,
        after: cursor,
        limit: readLimit(raw),
        signal,
      });
  return {
    kpi_id: idOf(address),
    definition_version: kpi.version + definitions.changes,
    window: { kind: 'rolling', from: iso(asOf - windowMs), to: iso(asOf) },
    as_of: iso(clipAt ?? asOf),
    by: [...by],
    filter: Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, [...values]])),
    withheld: isWithheld,
    members: page.members.map((member) => describeMember(kpi, member)),
    next: page.next === null ? null : formatCursor({ asOf, clipAt, ...page.next }),
  };
}

/** As for values: the end of the current bucket, with person-time until now. */
function momentOf(
  raw: RawParameters,
  { nowMs, windowMs }: { readonly nowMs: number; readonly windowMs: number },
): Pick<Cursor, 'asOf' | 'clipAt'> {
  const asOf = readInstant(raw, 'as_of');
  if (asOf === undefined) return { asOf: bucketEnd(nowMs, resolutionMs(windowMs)), clipAt: nowMs };
  return { asOf, clipAt: asOf > nowMs ? nowMs : null };
}

function readCounted({ address }: Question, raw: RawParameters): (member: Member) => boolean {
  const counted = readOne(raw, 'counted');
  if (counted === undefined) return () => true;
  if (counted === 'true' || counted === 'false')
    return ({ isCounted }) => isCounted === (counted === 'true');
  const { measures, components } = address.kpi;
  const names = [...new Set([...Object.keys(measures), ...components])];
  if (!names.includes(counted))
    throw invalid('counted', `counted is true, false or one of ${names.join(', ')}`);
  return ({ counts }) => counts.some(({ component }) => component === counted);
}

function readLimit(raw: RawParameters): number {
  const given = readOne(raw, 'limit');
  if (given === undefined) return LIMIT.byDefault;
  const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > LIMIT.max)
    throw invalid('limit', `limit is a number from 1 to ${LIMIT.max}`);
  return limit;
}

/** Whoever may not see a value because few units are behind it may not see the units either. */
async function isAnyWithheld(
  question: Question,
  asked: { readonly asOf: number; readonly history: HistoryReader; readonly signal: AbortSignal },
): Promise<boolean> {
  const { address, definitions, selection: chosen, tenantId } = question;
  if (definitions.suppressN === 0) return false;
  const { asOf, history, signal } = asked;
  const query = { tenantId, kpiId: address.kpi.id, ...chosen, asOf: [asOf], definitions };
  const rows: readonly ComponentRow[] = await history.read(query, { signal });
  return rows.some(({ components }) => {
    const n = address.variant.n(components);
    return n > 0n && n < BigInt(definitions.suppressN);
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
