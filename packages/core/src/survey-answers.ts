import { type AccountState, pieceAt } from './account.ts';
import { type Definitions, type ScaleLength } from './definitions.ts';
import { type Fact, type FactOf, isKind, isOwn } from './fact.ts';
import { type CountingInterval, type Dimensions } from './kpi.ts';
import { type Known, knowledge } from './known.ts';
import { whileKnown } from './measure.ts';
import { inWindow } from './span.ts';

/** The latest answer of a respondent, as known during `known`. */
interface Answer extends Known {
  readonly at: number;
  readonly survey: string;
  readonly context: string;
  /** Of the account at the answer. */
  readonly plan: string;
}

export interface CsatAnswer extends Answer {
  readonly isSatisfied: boolean;
}

/** 1 promotes, -1 detracts, 0 is passive. */
export interface NpsAnswer extends Answer {
  readonly class: -1 | 0 | 1;
}

export interface CesAnswer extends Answer {
  /** Length and good end of the scale: scores of different scales say different things. */
  readonly scale: string;
  /** From 1, the lowest answer of the scale. */
  readonly score: number;
  readonly isEasy: boolean;
}

type AnswerFact = FactOf<'answer'>;

/** An answer as it was given; what a scale does not say is null. */
export interface GivenAnswer {
  readonly score: number | null;
  readonly scaleMin: number | null;
  readonly scaleMax: number | null;
  /** Null where nobody said which end is good. */
  readonly isReversed: boolean | null;
}

const SCALE_LENGTHS: ReadonlySet<number> = new Set<ScaleLength>([2, 3, 5, 7, 10, 11]);

const NPS_MAX = 10;
const PROMOTERS_FROM = 9;
const DETRACTORS_TO = 6;

type Scored = Pick<AnswerFact, 'score' | 'scaleMin' | 'scaleMax' | 'isReversed'>;

/** A CSAT answer on a scale of known length; without a direction a high score is good. Undefined when it cannot be counted. */
export function validCsat(given: GivenAnswer): Scored | undefined {
  const { score, scaleMin, scaleMax, isReversed } = given;
  if (score === null || scaleMin === null || scaleMax === null) return undefined;
  const isKnown = SCALE_LENGTHS.has(scaleMax - scaleMin + 1);
  if (!isKnown || score < scaleMin || score > scaleMax) return undefined;
  return { score, scaleMin, scaleMax, isReversed: isReversed ?? false };
}

/** An answer from 0 to 10 where 10 is best; the ends of the scale need not be stated (KPI_SPEC 2.7). */
export function validNps(given: GivenAnswer): Scored | undefined {
  const { score, scaleMin, scaleMax, isReversed } = given;
  if (score === null || score < 0 || score > NPS_MAX || isReversed === true) return undefined;
  if ((scaleMin ?? 0) !== 0 || (scaleMax ?? NPS_MAX) !== NPS_MAX) return undefined;
  return { score, scaleMin: 0, scaleMax: NPS_MAX, isReversed: false };
}

/** An answer on a scale of known length that says which end is good (KPI_SPEC 2.14). */
export function validCes(given: GivenAnswer): Scored | undefined {
  return given.isReversed === null ? undefined : validCsat(given);
}

/**
 * The latest satisfaction answer of one respondent at each as-of time; not while it is one that was given in another home, which
 * counts it.
 */
export function csatAnswers(
  facts: readonly Fact[],
  account: AccountState,
  { satisfiedBoxes }: Definitions['surveys'],
): readonly CsatAnswer[] {
  const boxesOf: Readonly<Record<number, number>> = satisfiedBoxes;
  return latest(facts, account, (fact) => ({
    isSatisfied: fromGoodEnd(fact) < (boxesOf[fact.scaleMax - fact.scaleMin + 1] ?? 0),
  }));
}

/** The latest recommendation of one respondent at each as-of time. */
export function npsAnswers(facts: readonly Fact[], account: AccountState): readonly NpsAnswer[] {
  return latest(facts, account, (fact) => ({ class: npsClass(fact.score) }));
}

/** The latest effort answer of one respondent at each as-of time. */
export function cesAnswers(facts: readonly Fact[], account: AccountState): readonly CesAnswer[] {
  return latest(facts, account, (fact) => ({
    scale: scaleOf(fact),
    score: fact.score - fact.scaleMin + 1,
    isEasy: isEasy(fact),
  }));
}

function latest<Said>(
  facts: readonly Fact[],
  account: AccountState,
  read: (fact: AnswerFact) => Said,
): readonly (Answer & Said)[] {
  const given = facts.filter((fact) => isKind(fact, 'answer'));
  return knowledge(given).flatMap(({ known, facts: seen }) => {
    const last = seen.at(-1);
    if (last === undefined || !isOwn(last)) return [];
    const { survey, context, at } = last;
    return [{ known, at, survey, context, plan: pieceAt(account, at).plan, ...read(last) }];
  });
}

/** Distance from the good end of the scale. */
function fromGoodEnd({ score, scaleMin, scaleMax, isReversed }: AnswerFact): number {
  return isReversed ? score - scaleMin : scaleMax - score;
}

function npsClass(score: number): NpsAnswer['class'] {
  if (score >= PROMOTERS_FROM) return 1;
  return score <= DETRACTORS_TO ? -1 : 0;
}

/** On the good side of the middle: 5 to 7 of CES 2.0. */
function isEasy(answer: AnswerFact): boolean {
  return 2 * fromGoodEnd(answer) < answer.scaleMax - answer.scaleMin;
}

/** CES 2.0 is `7_high`, CES 1.0 `5_low`: number of answers and the end that means little effort. */
function scaleOf({ scaleMin, scaleMax, isReversed }: AnswerFact): string {
  return `${scaleMax - scaleMin + 1}_${isReversed ? 'low' : 'high'}`;
}

/** What an answer counts as: a weight, while it lies in the window and is the latest of its respondent. */
export function answerIntervals(
  answer: Answer,
  counted: { readonly windowMs: number; readonly weight: number; readonly dimensions?: Dimensions },
): readonly CountingInterval[] {
  const { plan, survey, context, at } = answer;
  const { windowMs, weight, dimensions } = counted;
  return whileKnown(answer, inWindow(at, windowMs), {
    dimensions: { plan, survey, context, ...dimensions },
    weight,
  });
}
