import type { ListedMember, MembersPage } from '../client/members-answer.ts';
import { formatCount, formatTable, plural } from '../output.ts';

/** Members as a table, with where the listing stands. */
export function formatMembers(page: MembersPage): string {
  const { kpi_id: kpi, window, as_of: asOf, members, withheld, next } = page;
  const about = `${kpi} in [${window.from}, ${window.to}), as of ${asOf}`;
  if (withheld) return `${about}\n  withheld: too few units are behind the value`;
  if (members.length === 0) return `${about}\n  nobody to list`;
  const table = formatTable({
    head: ['unit', 'id', 'counts', 'reason'],
    rows: members.map((member) => [
      member.unit,
      Object.values(member.ids).join(' · '),
      formatCounts(member),
      formatReason(member),
    ]),
  });
  const more = next === null ? '' : ', and more: --limit, or all with --format csv or ndjson';
  return `${about}\n\n${table}\n\n${plural(members.length, 'member')}${more}`;
}

function formatCounts({ counts }: ListedMember): string {
  if (counts.length === 0) return '–';
  const sums = new Map<string, number>();
  for (const { component, weight, dimensions } of counts) {
    const name = [component, dimensions['currency'] ?? ''].join(' ').trim();
    sums.set(name, (sums.get(name) ?? 0) + weight);
  }
  return [...sums].map(([name, sum]) => `${name} ${formatCount(sum)}`).join(', ');
}

function formatReason({ reason }: ListedMember): string {
  if (reason === null) return '';
  const { code, counts_from: from, counts_until: until } = reason;
  const times = [
    ...(until === null ? [] : [`until ${until}`]),
    ...(from === null ? [] : [`from ${from}`]),
  ];
  return times.length === 0 ? code : `${code} (it counts ${times.join(', ')})`;
}
