import type { ListedMember } from '../client/members-answer.ts';

/** How members are written into a file. */
export interface MemberFormat {
  /** Before the first member. */
  readonly head: string;
  readonly lineOf: (member: ListedMember) => string;
}

const COLUMNS = [
  'unit',
  'account_id',
  'user_id',
  'ids',
  'at',
  'dimensions',
  'counted',
  'component',
  'weight',
  'count_dimensions',
  'counts_from',
  'counts_until',
  'reason',
] as const;

/** A line per member; in CSV a line per count, or one without. */
export const MEMBER_FORMATS: Readonly<Record<'csv' | 'ndjson', MemberFormat>> = {
  ndjson: { head: '', lineOf: (member) => `${JSON.stringify(member)}\n` },
  csv: { head: csvLine(COLUMNS), lineOf: csvLines },
};

function csvLines({ counts, ...member }: ListedMember): string {
  const { account_id: account = '', user_id: user = '', ...ids } = member.ids;
  const first = [member.unit, account, user, pairs(ids), member.at ?? '', pairs(member.dimensions)];
  const said = counts.map(({ component, weight, dimensions, ...at }) => [
    component,
    String(weight),
    pairs(dimensions),
    at.counts_from ?? '',
    at.counts_until ?? '',
  ]);
  const reason = member.reason?.code ?? '';
  const { counts_from: from = null, counts_until: until = null } = member.reason ?? {};
  const rows = said.length === 0 ? [['', '', '', from ?? '', until ?? '']] : said;
  return rows.map((row) => csvLine([...first, String(member.counted), ...row, reason])).join('');
}

/** `plan=pro;course=basics`. */
function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
}

function csvLine(fields: readonly string[]): string {
  return `${fields.map(quoted).join(',')}\n`;
}

/** RFC 4180. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
