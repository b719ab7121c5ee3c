/** A half-open stretch of time `[from, to)` in ms; `to` may be Infinity. Empty when `to <= from`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const ALWAYS: Span = { from: -Infinity, to: Infinity };

/** The part common to both; may be empty. */
export function intersect(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

/** The shortest stretch that holds both; of an empty one and another, the other. */
export function hull(a: Span, b: Span): Span {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

export function isEmpty(span: Span): boolean {
  return span.to <= span.from;
}

export function isSameSpan(a: Span, b: Span): boolean {
  return a.from === b.from && a.to === b.to;
}

export function contains(span: Span, at: number): boolean {
  return span.from <= at && at < span.to;
}

/** Place of the first of disjoint, ascending spans that ends after an instant, by bisection. */
export function indexAt(parts: readonly Span[], at: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((parts[middle]?.to ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The one of disjoint, ascending spans that holds an instant. */
export function spanAt<Part extends Span>(parts: readonly Part[], at: number): Part | undefined {
  const part = parts[indexAt(parts, at)];
  return part !== undefined && contains(part, at) ? part : undefined;
}

/** Those of disjoint, ascending spans that have an instant in common with a stretch. */
export function spansWithin<Part extends Span>(
  parts: readonly Part[],
  stretch: Span,
): readonly Part[] {
  if (isEmpty(stretch)) return [];
  const first = indexAt(parts, stretch.from);
  let end = first;
  while ((parts[end]?.from ?? Infinity) < stretch.to) end += 1;
  return first === 0 && end === parts.length ? parts : parts.slice(first, end);
}

/** A stretch of time in which the same spans are open. */
export interface Cut<Part> extends Span {
  readonly open: readonly Part[];
}

/** The whole time axis, cut wherever one of the spans, none of them empty, begins or ends: ascending and without gaps. */
export function cutTime<Part extends Span>(parts: readonly Part[]): readonly Cut<Part>[] {
  return isSuccession(parts) ? cutBySuccession(parts) : cutByAll(parts);
}

/** Whether each span begins where the one before ends, as those of one entity do. */
function isSuccession(parts: readonly Span[]): boolean {
  for (let index = 1; index < parts.length; index += 1)
    if (parts[index]?.from !== parts[index - 1]?.to) return false;
  return parts.length > 0;
}

function cutBySuccession<Part extends Span>(parts: readonly Part[]): readonly Cut<Part>[] {
  const cuts: Cut<Part>[] = [{ from: -Infinity, to: parts[0]?.from ?? Infinity, open: [] }];
  for (const part of parts) cuts.push({ from: part.from, to: part.to, open: [part] });
  const end = parts.at(-1)?.to ?? Infinity;
  if (end < Infinity) cuts.push({ from: end, to: Infinity, open: [] });
  return cuts;
}

function cutByAll<Part extends Span>(parts: readonly Part[]): readonly Cut<Part>[] {
  const edges = new Set([-Infinity, ...parts.flatMap(({ from, to }) => [from, to]), Infinity]);
  const cuts = [...edges].toSorted((a, b) => a - b);
  const coming = parts.toSorted((a, b) => a.from - b.from);
  let came = 0;
  let open: readonly Part[] = [];
  return cuts.slice(0, -1).map((from, index) => {
    const since = came;
    while ((coming[came]?.from ?? Infinity) <= from) came += 1;
    open = [...open.filter(({ to }) => to > from), ...coming.slice(since, came)];
    return { from, to: cuts[index + 1] ?? Infinity, open };
  });
}

/** The same instants as disjoint, ascending spans; touching spans become one. */
export function union(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  let last: { from: number; to: number } | undefined;
  for (const span of isAscending(spans) ? spans : spans.toSorted((a, b) => a.from - b.from)) {
    if (isEmpty(span)) continue;
    if (last !== undefined && span.from <= last.to) {
      if (span.to > last.to) last.to = span.to;
      continue;
    }
    last = { from: span.from, to: span.to };
    merged.push(last);
  }
  return merged;
}

function isAscending(spans: readonly Span[]): boolean {
  for (let index = 1; index < spans.length; index += 1) {
    if ((spans[index]?.from ?? 0) < (spans[index - 1]?.from ?? 0)) return false;
  }
  return true;
}

/** Where at least `depth` of the spans lie over each other; ascending and disjoint. */
export function coveredBy(spans: readonly Span[], depth: number): readonly Span[] {
  const edges = spans
    .filter((span) => !isEmpty(span))
    .flatMap(({ from, to }) => [
      { at: from, more: 1 },
      { at: to, more: -1 },
    ])
    // At one instant what begins comes first, so that touching spans leave no gap.
    .toSorted((a, b) => a.at - b.at || b.more - a.more);
  const covered: Span[] = [];
  let over = 0;
  let since = 0;
  for (const { at, more } of edges) {
    over += more;
    if (more === 1 && over === depth) since = at;
    if (more === -1 && over === depth - 1 && since < at) covered.push({ from: since, to: at });
  }
  return covered;
}

/** What of `span` is in none of `holes` (disjoint and ascending). */
export function subtract(span: Span, holes: readonly Span[]): readonly Span[] {
  const rest: Span[] = [];
  let { from } = span;
  for (const hole of holes) {
    if (hole.to <= from) continue;
    if (hole.from >= span.to) break;
    if (hole.from > from) rest.push({ from, to: hole.from });
    from = hole.to;
  }
  if (from < span.to) rest.push({ from, to: span.to });
  return rest;
}

/**
 * As-of times at which an event at `at` lies in the window `[t - shift - W, t - shift)`: KPI_SPEC 7.7. An event exactly at
 * `t - shift` is outside, hence the millisecond.
 */
export function inWindow(at: number, windowMs: number, shiftMs = 0): Span {
  return { from: at + shiftMs + 1, to: at + shiftMs + windowMs + 1 };
}
