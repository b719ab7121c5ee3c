import { type ContrastTime, type PanelRow, type StratumTime, seededRandom } from '@kpi/statistics';

/** Periods of 28 days that a company is followed; everybody begins with the first. */
export const PERIODS = 13;

/** What is drawn: the same seed gives the same company. */
export interface CompanyOptions {
  readonly seed: number;
  /** What training does to the rate of tickets. */
  readonly ratio: number;
  /** Whether a spike of tickets sends an account to the course; otherwise only its plan matters. */
  readonly isTriggered: boolean;
}

/** One account of the company. */
export interface SimulatedAccount {
  readonly name: string;
  readonly plan: Plan;
  /** Period at whose start it was trained; null when it never was. */
  readonly trainedAt: number | null;
  /** Tickets of each period in which it was a customer. */
  readonly tickets: readonly number[];
}

interface Plan {
  readonly name: string;
  /** Tickets, against the smaller plan. */
  readonly rate: number;
  /** Chance to leave after each of the first periods, and after each later one. */
  readonly earlyChurn: number;
  readonly lateChurn: number;
  /** Chance to be trained at the start of a period. */
  readonly uptake: number;
}

const ACCOUNTS = 1_000;
const BASIC: Plan = { name: 'basic', rate: 1, earlyChurn: 0.2, lateChurn: 0.02, uptake: 0.05 };
const PRO: Plan = { name: 'pro', rate: 2, earlyChurn: 0.08, lateChurn: 0.01, uptake: 0.12 };
const BASIC_SHARE = 0.6;
const EARLY_PERIODS = 3;

/** So many tickets in a period are a spike, with this chance to be trained at once; without one it is small. */
const SPIKE_TICKETS = 3;
const SPIKE_UPTAKE = 0.8;
const QUIET_UPTAKE = 0.02;

/** Tenure buckets begin with these periods; tickets fall from one of the first three to the next. */
const BUCKETS = [0, 1, 3, 7] as const;

/** Tickets of an account in a period of the smaller plan. */
function rateAt(period: number): number {
  if (period === 0) return 1;
  return period < EARLY_PERIODS ? 0.5 : 0.2;
}

/**
 * A company of 1,000 accounts in two plans, as the acceptance simulation draws it (STATISTICS 9): accounts of one plan differ
 * by a gamma frailty of mean 1 and variance 0.5, the smaller plan loses more accounts early and trains fewer.
 */
export function trainingCompany({
  seed,
  ratio,
  isTriggered,
}: CompanyOptions): readonly SimulatedAccount[] {
  const random = seededRandom(seed);
  return Array.from({ length: ACCOUNTS }, (_, index) => {
    const plan = random() < BASIC_SHARE ? BASIC : PRO;
    // Two exponentials of mean 1/2; the seeded numbers may be 0.
    const frailty = -Math.log((1 - random()) * (1 - random())) / 2;
    const tickets: number[] = [];
    let trainedAt: number | null = null;
    for (let period = 0; period < PERIODS; period += 1) {
      const before = tickets.at(-1);
      if (before !== undefined) {
        if (random() < (period <= EARLY_PERIODS ? plan.earlyChurn : plan.lateChurn)) break;
        const triggered = before >= SPIKE_TICKETS ? SPIKE_UPTAKE : QUIET_UPTAKE;
        if (random() < (isTriggered ? triggered : plan.uptake)) trainedAt ??= period;
      }
      const effect = trainedAt === null ? 1 : ratio;
      tickets.push(poisson(frailty * plan.rate * rateAt(period) * effect, random));
    }
    return { name: String(index), plan, trainedAt, tickets };
  });
}

/** A Poisson number by adding up probabilities: means are small. */
function poisson(mean: number, random: () => number): number {
  let left = random();
  let probability = Math.exp(-mean);
  let count = 0;
  while (left >= probability && probability > 0) {
    left -= probability;
    count += 1;
    probability *= mean / count;
  }
  return count;
}

/** Person-time by tenure and plan with time-varying training, in periods, of the first `until` periods. */
export function stratumTimes(
  accounts: readonly SimulatedAccount[],
  until: number = PERIODS,
): readonly StratumTime[] {
  const cells: StratumTime[] = [];
  for (const { name, plan, trainedAt, tickets } of accounts) {
    for (const [index, from] of BUCKETS.entries()) {
      const to = Math.min(BUCKETS[index + 1] ?? PERIODS, tickets.length, until);
      if (from >= to) break;
      const sum = { a: 0, t1: 0, b: 0, t0: 0 };
      for (let period = from; period < to; period += 1) {
        const count = tickets[period] ?? 0;
        if (trainedAt !== null && period >= trainedAt) {
          sum.a += count;
          sum.t1 += 1;
        } else {
          sum.b += count;
          sum.t0 += 1;
        }
      }
      cells.push({ account: name, stratum: `${plan.name} from ${from}`, ...sum });
    }
  }
  return cells;
}

/** A row for each account and period; plans are not compared with each other. */
export function panelRows(accounts: readonly SimulatedAccount[]): readonly PanelRow[] {
  return accounts.flatMap(({ name, plan, trainedAt, tickets }) =>
    tickets.map((events, period) => ({
      account: name,
      cohort: trainedAt,
      period,
      events,
      time: 1,
      stratum: plan.name,
    })),
  );
}

/**
 * Each account trained at the start of a period, beside all of its plan that are still there and not trained by the end of
 * `width`.
 */
export function contrastTimes(
  accounts: readonly SimulatedAccount[],
  width: number,
): readonly ContrastTime[] {
  const cells: ContrastTime[] = [];
  for (let moment = 1; moment < PERIODS; moment += 1) {
    for (const { name, plan, trainedAt, tickets } of accounts) {
      const isTreated = trainedAt === moment;
      const isControl = trainedAt === null || trainedAt >= moment + width;
      if (tickets.length <= moment || !(isTreated || isControl)) continue;
      const stratum = `${plan.name} at ${moment}`;
      const to = Math.min(moment + width, tickets.length);
      for (let period = Math.max(0, moment - width); period < to; period += 1) {
        const [isAfter, events] = [period >= moment, tickets[period] ?? 0];
        cells.push({ account: name, isTreated, isAfter, events, time: 1, stratum });
      }
    }
  }
  return cells;
}
