import { type Kpi } from '../catalogue.ts';
import { type Definitions } from '../definitions.ts';
import { kpiOfOwn } from '../own-catalogue.ts';
import { activationRate } from './activation-rate.ts';
import { adoptionRate } from './adoption-rate.ts';
import { clvFormula } from './clv-formula.ts';
import { clvObserved } from './clv-observed.ts';
import { courseCompletionRate } from './course-completion-rate.ts';
import { csatScore } from './csat-score.ts';
import { customerAcquisitionCost } from './customer-acquisition-cost.ts';
import { customerChurnRate } from './customer-churn-rate.ts';
import { customerEffortScore } from './customer-effort-score.ts';
import { expansionConversionRate } from './expansion-conversion-rate.ts';
import { npsScore } from './nps-score.ts';
import { referralRate } from './referral-rate.ts';
import { registeredChurnShare } from './registered-churn-share.ts';
import { salesGrowthRate } from './sales-growth-rate.ts';
import { supportTicketRate } from './support-ticket-rate.ts';
import { timeToFirstValue } from './time-to-first-value.ts';
import { timeToProficiency } from './time-to-proficiency.ts';

/** Every KPI, in the order of documents and pages. */
export const KPIS: readonly Kpi[] = [
  courseCompletionRate,
  customerAcquisitionCost,
  customerChurnRate,
  registeredChurnShare,
  salesGrowthRate,
  csatScore,
  npsScore,
  clvFormula,
  clvObserved,
  supportTicketRate,
  timeToFirstValue,
  activationRate,
  adoptionRate,
  customerEffortScore,
  timeToProficiency,
  expansionConversionRate,
  referralRate,
];

/** The KPIs of a tenant: the built-in ones and its own. */
export function kpisOf({ ownKpis }: Pick<Definitions, 'ownKpis'>): readonly Kpi[] {
  return ownKpis.length === 0 ? KPIS : [...KPIS, ...ownKpis.map(kpiOfOwn)];
}

/** The KPI of an id without variant, also one of the tenant's own where its definitions are given; undefined when there is none. */
export function kpiOf(id: string, definitions?: Pick<Definitions, 'ownKpis'>): Kpi | undefined {
  const builtIn = KPIS.find((kpi) => kpi.id === id);
  if (builtIn !== undefined || definitions === undefined) return builtIn;
  const own = definitions.ownKpis.find((kpi) => kpi.id === id);
  return own === undefined ? undefined : kpiOfOwn(own);
}
