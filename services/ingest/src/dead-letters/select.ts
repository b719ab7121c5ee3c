import { type DeadLetter, type DeadLetters } from '@kpi/kafka';

/** Which letters: all conditions hold. */
export interface LetterFilter {
  readonly reason?: string;
  readonly source?: string;
  readonly eventType?: string;
  /** Refused in `[from, to)`, ms. */
  readonly from?: number;
  readonly to?: number;
}

/** Whose letters somebody may see. */
export interface LetterOwner {
  readonly tenantId: string;
  /** Whether letters of which nobody knows whose they are belong to this one. */
  readonly ownsStray: boolean;
}

/** A place among the letters; `end` keeps letters that are refused again meanwhile out of a pass over all. */
export interface LetterCursor {
  readonly after: number;
  readonly end: number;
}

export interface LetterPage {
  readonly letters: readonly DeadLetter[];
  /** Letters that fit the filter, on all pages together. */
  readonly total: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly next: LetterCursor | undefined;
}

export function isOwn(letter: DeadLetter, { tenantId, ownsStray }: LetterOwner): boolean {
  return letter.tenant_id === null ? ownsStray : letter.tenant_id === tenantId;
}

/** One page of the letters that fit, oldest refusal first. */
export function selectPage(
  letters: DeadLetters,
  asked: {
    readonly owner: LetterOwner;
    readonly filter: LetterFilter;
    readonly cursor: LetterCursor | undefined;
    readonly limit: number;
  },
): LetterPage {
  const end = asked.cursor?.end ?? letters.end;
  const page: { readonly offset: number; readonly letter: DeadLetter }[] = [];
  const reasons = new Map<string, number>();
  let total = 0;
  let hasMore = false;
  for (const held of letters.held.values()) {
    if (held.offset >= end) continue;
    const letter = held.open();
    if (!isOwn(letter, asked.owner) || !fits(letter, asked.filter)) continue;
    total += 1;
    reasons.set(letter.reason, (reasons.get(letter.reason) ?? 0) + 1);
    if (held.offset <= (asked.cursor?.after ?? -1)) continue;
    if (page.length < asked.limit) page.push({ offset: held.offset, letter });
    else hasMore = true;
  }
  const last = page.at(-1);
  return {
    letters: page.map(({ letter }) => letter),
    total,
    byReason: Object.fromEntries(reasons),
    next: hasMore && last !== undefined ? { after: last.offset, end } : undefined,
  };
}

function fits(letter: DeadLetter, filter: LetterFilter): boolean {
  const { reason, source, eventType, from = -Infinity, to = Infinity } = filter;
  return (
    (reason === undefined || letter.reason === reason) &&
    (source === undefined || letter.source === source) &&
    (eventType === undefined || letter.event_type === eventType) &&
    letter.refused_at >= from &&
    letter.refused_at < to
  );
}

/** A cursor as text, and back; undefined for a text that is none. */
export function formatCursor({ after, end }: LetterCursor): string {
  return `${after}.${end}`;
}

export function parseCursor(text: string): LetterCursor | undefined {
  const [after, end] = /^(\d{1,15})\.(\d{1,15})$/.exec(text)?.slice(1).map(Number) ?? [];
  return after === undefined || end === undefined ? undefined : { after, end };
}
