import { type AccountState, activeAt, pieceAt } from './account.ts';
import { DAY_MS } from './duration.ts';
import { type Fact, type FactOf, byOccurrence, isKind, isOwn } from './fact.ts';
import { type Dimensions } from './kpi.ts';
import { type Known, joined } from './known.ts';
import { type Span, spansWithin } from './span.ts';

/** A course run as known during `known`: user, course and version. */
export interface CourseRun extends Known {
  readonly course: string;
  readonly version: string;
  readonly enrolledAt: number;
  readonly completedAt: number;
  readonly isWithdrawn: boolean;
  readonly plan: string;
  readonly isCustomer: boolean;
}

/** The first version of a course, for events that name none. */
const FIRST_VERSION = '1';

interface RunOptions {
  readonly account: AccountState;
  /** False for the home of a user who belongs to no account. */
  readonly hasAccount: boolean;
  readonly graceMs: number;
}

/**
 * Runs of one user in one course, one per version and state of knowledge (KPI_SPEC 2.1, 7.4). A run is that of the account
 * which its earliest known event with an account names; those of other homes, whose facts are here as well, are not answered.
 */
export function courseRuns(
  course: string,
  facts: readonly Fact[],
  options: RunOptions,
): readonly CourseRun[] {
  const log = new RunLog(course, options);
  for (const fact of facts) log.take(fact);
  return joined(log.end());
}

/** What is known of one version of a course. */
interface VersionFacts {
  readonly name: string;
  readonly enrolments: readonly Fact[];
  readonly others: Fact[];
  run: Omit<CourseRun, 'known'> | undefined;
  /** When the run came to look as it does, as-of time. */
  since: number;
  /** Whether a fact that names an account is known; the run is that account's. */
  isPlaced: boolean;
}

/** Follows the facts of a course in order and notes how its runs look from one to the next. */
class RunLog {
  readonly #course: string;
  readonly #options: RunOptions;
  readonly #past: CourseRun[] = [];
  readonly #others: Fact[] = [];
  #enrolments: readonly FactOf<'enrolment'>[] = [];
  #versions = new Map<string, VersionFacts>();

  constructor(course: string, options: RunOptions) {
    this.#course = course;
    this.#options = options;
  }

  take(fact: Fact): void {
    const asOf = fact.at + 1;
    if (!isKind(fact, 'enrolment')) {
      this.#others.push(fact);
      const version = this.#place(fact, asOf);
      // Where an enrolment is known, activity says nothing more than which account it was in, if nothing else did.
      const isTelling = version.run === undefined || (!version.isPlaced && this.#isNaming(fact));
      if (!isKind(fact, 'activity') || isTelling) this.#renew(version, asOf);
      return;
    }
    // It may move what came before to another version, so everything is placed anew.
    for (const version of this.#versions.values()) this.#close(version, asOf);
    this.#enrolments = lastById([...this.#enrolments, fact]);
    this.#versions = new Map(
      [...Map.groupBy(this.#enrolments, (one) => one.version)].map(([version, enrolments]) => [
        version,
        { name: version, enrolments, others: [], run: undefined, since: asOf, isPlaced: false },
      ]),
    );
    for (const other of this.#others) this.#place(other, asOf);
    for (const version of this.#versions.values()) this.#renew(version, asOf);
  }

  end(): readonly CourseRun[] {
    for (const version of this.#versions.values()) this.#close(version, Infinity);
    return this.#past;
  }

  /** Adds a fact to the version that it belongs to. */
  #place(fact: Fact, asOf: number): VersionFacts {
    const name = runVersion(fact, this.#enrolments);
    const version = this.#versions.get(name) ?? {
      name,
      enrolments: [],
      others: [],
      run: undefined,
      since: asOf,
      isPlaced: false,
    };
    this.#versions.set(name, version);
    version.others.push(fact);
    return version;
  }

  #renew(version: VersionFacts, asOf: number): void {
    this.#close(version, asOf);
    const placing = firstOf(version, (fact) => this.#isNaming(fact));
    version.isPlaced = placing !== undefined;
    // Of a run that no account is named of, several users who were merged may each have a home.
    const first = placing ?? firstOf(version, () => true);
    const isHere = first !== undefined && isOwn(first);
    version.run = isHere ? this.#runOf(version) : undefined;
    version.since = asOf;
  }

  /** Whether a fact says which account its user was in. */
  #isNaming(fact: Fact): boolean {
    return isOwn(fact) ? this.#options.hasAccount : fact.account !== '';
  }

  #close({ run, since }: VersionFacts, asOf: number): void {
    if (run !== undefined && since < asOf)
      this.#past.push({ ...run, known: { from: since, to: asOf } });
  }

  #runOf({ name, enrolments, others }: VersionFacts): Omit<CourseRun, 'known'> | undefined {
    const enrolledAt = entryOf(enrolments, others);
    if (enrolledAt === undefined) return undefined;
    const { account, graceMs } = this.#options;
    return {
      course: this.#course,
      version: name,
      enrolledAt,
      completedAt: firstCompletion(others),
      isWithdrawn: isWithdrawn({ enrolments, others, graceEnd: enrolledAt + graceMs }),
      plan: pieceAt(account, enrolledAt).plan,
      isCustomer: activeAt(account, enrolledAt) !== undefined,
    };
  }
}

/** First in order of occurrence that is such a fact. */
function firstOf(
  { enrolments, others }: VersionFacts,
  isSuch: (fact: Fact) => boolean,
): Fact | undefined {
  const [enrolment, other] = [enrolments.find(isSuch), others.find(isSuch)];
  if (enrolment === undefined || other === undefined) return enrolment ?? other;
  return byOccurrence(enrolment, other) < 0 ? enrolment : other;
}

/** First completion of any version of the course in this very account: the moment it trains it. Infinity when there is none. */
export function firstTraining(facts: readonly Fact[]): number {
  return firstCompletion(facts.filter(isOwn));
}

/** The same of all other accounts, and of none. */
export function firstTrainingElsewhere(facts: readonly Fact[]): number {
  return firstCompletion(facts.filter((fact) => !isOwn(fact)));
}

/** Infinity when there is none. */
function firstCompletion(facts: readonly Fact[]): number {
  return facts.find((fact) => isKind(fact, 'completion'))?.at ?? Infinity;
}

/** First enrolment; without one, the first sign of activity stands for it. */
function entryOf(enrolments: readonly Fact[], others: readonly Fact[]): number | undefined {
  return (
    enrolments[0]?.at ??
    others.find((fact) => isKind(fact, 'activity') || isKind(fact, 'completion'))?.at
  );
}

/** The same enrolment id again replaces what was said before (KPI_SPEC 7.7.6). In order of occurrence. */
function lastById(enrolments: readonly FactOf<'enrolment'>[]): readonly FactOf<'enrolment'>[] {
  if (enrolments.length < 2) return enrolments;
  return [...new Map(enrolments.map((fact) => [fact.enrolmentId, fact])).values()].toSorted(
    byOccurrence,
  );
}

/** A completion or unenrolment that states no version belongs to the latest version enrolled before it. */
function runVersion(fact: Fact, enrolments: readonly FactOf<'enrolment'>[]): string {
  const stated = 'version' in fact ? fact.version : null;
  return (
    stated ?? enrolments.findLast((enrolment) => enrolment.at <= fact.at)?.version ?? FIRST_VERSION
  );
}

function isWithdrawn(run: {
  enrolments: readonly Fact[];
  others: readonly Fact[];
  graceEnd: number;
}): boolean {
  const withdrawal = run.others.findLast(
    (fact) => isKind(fact, 'unenrolment') && (fact.isRefund || fact.at < run.graceEnd),
  );
  if (withdrawal === undefined) return false;
  return !run.enrolments.some((enrolment) => byOccurrence(enrolment, withdrawal) > 0);
}

/** A stretch of active time with constant plan, training and tenure bucket: STATISTICS 1. */
export interface ExposurePiece extends Span {
  /** `trained` (true or false), `tenure`, `plan`. */
  readonly dimensions: Dimensions;
}

/** The active time of an account, cut at training, tenure edges and plan changes; ascending. */
export function exposurePieces(
  account: AccountState,
  tenureEdgesMs: readonly number[],
): readonly ExposurePiece[] {
  const cut: ExposurePiece[] = [];
  for (const span of account.active) {
    for (let edge = 0; edge <= tenureEdgesMs.length; edge += 1) {
      const startMs = edge === 0 ? 0 : (tenureEdgesMs[edge - 1] ?? 0);
      const endMs = tenureEdgesMs[edge];
      const from = span.from + startMs;
      const to = endMs === undefined ? span.to : Math.min(span.to, span.from + endMs);
      if (to <= from) break;
      cutByPlan(cut, account, { from, to, tenure: tenureLabel(startMs, endMs) });
    }
  }
  return cut;
}

function cutByPlan(
  cut: ExposurePiece[],
  { pieces, trainedAt }: AccountState,
  bucket: Span & { readonly tenure: string },
): void {
  const { tenure } = bucket;
  for (const piece of spansWithin(pieces, bucket)) {
    const { plan } = piece;
    const from = Math.max(bucket.from, piece.from);
    const to = Math.min(bucket.to, piece.to);
    const untrainedTo = Math.min(to, trainedAt);
    const trainedFrom = Math.max(from, trainedAt);
    if (from < untrainedTo)
      cut.push({ from, to: untrainedTo, dimensions: { trained: 'false', tenure, plan } });
    if (trainedFrom < to)
      cut.push({ from: trainedFrom, to, dimensions: { trained: 'true', tenure, plan } });
  }
}

export function tenureLabel(fromMs: number, toMs: number | undefined): string {
  return toMs === undefined ? `${fromMs / DAY_MS}+` : `${fromMs / DAY_MS}-${toMs / DAY_MS}`;
}
