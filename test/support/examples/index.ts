import { acquisitionExample, acquisitionRulesExample } from './acquisition.ts';
import { courseCompletionExample } from './course-completion.ts';
import { csatExample, csatRulesExample } from './csat.ts';
import { customerChurnExample, revenueChurnExample } from './customer-churn.ts';
import { effortExample, effortScalesExample } from './customer-effort.ts';
import { type Example } from './example.ts';
import { expansionExample, expansionRulesExample } from './expansion.ts';
import { lifetimeValueExample, rareLifetimeValueExample } from './lifetime-value.ts';
import { observedValueExample } from './observed-value.ts';
import { npsAccountsExample, npsExample, npsRulesExample } from './nps.ts';
import { activationExample, adoptionExample, registeredExample } from './product-use.ts';
import { referralConversionExample } from './referral-conversion.ts';
import { referralsExample } from './referrals.ts';
import { salesCurrencyExample, salesGrowthExample } from './sales-growth.ts';
import { firstValueExample, proficiencyExample } from './survival.ts';
import { supportTicketExample } from './support-tickets.ts';

export { type Example, type ExampleQuestion } from './example.ts';

/**
 * The worked examples of KPI_SPEC 2 as of an instant (a multiple of an hour). Each needs a tenant of its own: ids repeat
 * between them.
 */
export function examples(asOf: number): readonly Example[] {
  return [
    courseCompletionExample(asOf),
    customerChurnExample(asOf),
    revenueChurnExample(asOf),
    csatExample(asOf),
    csatRulesExample(asOf),
    npsExample(asOf),
    npsRulesExample(asOf),
    npsAccountsExample(asOf),
    effortExample(asOf),
    effortScalesExample(asOf),
    registeredExample(asOf),
    activationExample(asOf),
    adoptionExample(asOf),
    acquisitionExample(asOf),
    acquisitionRulesExample(asOf),
    expansionExample(asOf),
    expansionRulesExample(asOf),
    referralsExample(asOf),
    referralConversionExample(asOf),
    lifetimeValueExample(asOf),
    rareLifetimeValueExample(asOf),
    observedValueExample(asOf),
    salesGrowthExample(asOf),
    salesCurrencyExample(asOf),
    supportTicketExample(asOf),
    firstValueExample(asOf),
    proficiencyExample(asOf),
  ];
}
