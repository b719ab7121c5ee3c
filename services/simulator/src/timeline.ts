/** From `companyMs` on, company time runs `speed` times as fast as the clock on the wall, beginning at `wallMs`. */
interface Anchor {
  readonly companyMs: number;
  readonly wallMs: number;
  readonly speed: number;
}

/** How company time lies on the wall clock: the real past until the first anchor, then one stretch per start of the demo. */
export type Timeline = readonly Anchor[];

/**
 * The wall-clock instant of a company instant. `knownAt` is the company instant at which it was foretold, where it lies in the
 * future of that: what an event says must not depend on how the demo went on afterwards.
 */
export function toWall(timeline: Timeline, companyMs: number, knownAt: number = companyMs): number {
  const spokenAt = Math.min(companyMs, knownAt);
  const anchor = timeline.findLast((candidate) => candidate.companyMs <= spokenAt);
  if (anchor === undefined) return companyMs;
  return Math.floor(anchor.wallMs + (companyMs - anchor.companyMs) / anchor.speed);
}

/** The company instant that the last stretch has reached at `wallMs`. */
export function toCompany(timeline: Timeline, wallMs: number): number {
  const anchor = timeline.at(-1);
  if (anchor === undefined || wallMs < anchor.wallMs) return anchor?.companyMs ?? wallMs;
  return Math.floor(anchor.companyMs + (wallMs - anchor.wallMs) * anchor.speed);
}
