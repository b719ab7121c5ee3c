import type { KpiValue } from './answers.ts';
import { dateTimeText, lengthText, number } from './format.ts';

const STATUS_WORDS: Readonly<Record<KpiValue['status'], string>> = {
  ok: 'OK',
  no_data: 'No data yet',
  suspect: 'Suspect',
  stale: 'Stale',
  immature: 'Immature',
  low_n: 'Few units',
  approximate: 'Approximate',
};

/** A status as people read it. */
export function statusText(status: KpiValue['status']): string {
  return STATUS_WORDS[status];
}

/** Why units may be left out, by reason. */
const REASON_WORDS: Readonly<Record<string, string>> = {
  unresolved_account: 'their account is not known',
  no_fx_rate: 'there is no exchange rate for them',
};

/** Notes of the API in plain words, the worst first; what it says is kept where it is plain already. */
export function plainNotes(value: KpiValue, nowMs: number): readonly string[] {
  if (value.status === 'no_data') return [];
  const notes = value.notes.map((note) => plainNote(note, nowMs));
  if (value.immature_n === 0) return notes;
  const younger = `${number(value.immature_n, 0)} more are too young to count: their time to complete has not passed.`;
  return [...notes, younger];
}

function plainNote(note: string, nowMs: number): string {
  const text = note.replace(/^[a-z_]+: /, '');
  const fewer = /^(\d+) units, fewer than (\d+)$/.exec(text);
  if (fewer !== null)
    return `Only ${fewer[1]} units are behind this value: below ${fewer[2]} it may jump.`;
  const withheld = /^withheld, fewer than (\d+) units$/.exec(text);
  if (withheld !== null) return `Withheld: fewer than ${withheld[1]} units are behind it.`;
  const silent = /^nothing from (.+) since (\S+)$/.exec(text);
  if (silent !== null) {
    const [, source = '', since = ''] = silent;
    return `Nothing has come from ${source} for ${lengthText(nowMs - Date.parse(since))} (since ${dateTimeText(since)}).`;
  }
  const left = /^(\d+) left out: (\w+)$/.exec(text);
  if (left !== null) {
    const [, count = '0', reason = ''] = left;
    return `${number(Number(count), 0)} are left out: ${REASON_WORDS[reason] ?? reason.replaceAll('_', ' ')}.`;
  }
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
