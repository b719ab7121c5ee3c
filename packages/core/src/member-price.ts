import { type Kpi } from './catalogue.ts';
import { type Definitions } from './definitions.ts';
import { type Dimensions } from './kpi.ts';
import { MarginTable } from './margins.ts';
import { type RateTable } from './rates.ts';
import { SpendTable } from './spend.ts';

/** What decides whether an amount has an exchange rate. */
export interface Pricing {
  readonly kpi: Kpi;
  readonly asOf: number;
  readonly windowMs: number;
  readonly definitions: Definitions;
  readonly rates: RateTable;
}

/**
 * Whether an amount is left out of the value because nothing converts its currency: by the KPI's own arithmetic, as each has its
 * day of the rate, an amount by itself is then nothing.
 */
export function isUnpriced(
  count: { readonly component: string; readonly dimensions: Dimensions },
  { kpi, rates, ...options }: Pricing,
): boolean {
  const { component, dimensions } = count;
  const { currency = '', day = '' } = dimensions;
  const { reportingCurrency } = options.definitions;
  if (currency === '' || currency === reportingCurrency) return false;
  if (kpi.measures[component] === undefined)
    return rates.factor(currency, reportingCurrency, Number(day)) === undefined;
  const hidden = Object.fromEntries(kpi.hidden.map((name) => [name, dimensions[name] ?? '']));
  const { no_fx_rate: _, ...components } = kpi.reduce(
    [{ measure: component, hidden, sum: LARGE }],
    {
      ...options,
      rates,
      margins: new MarginTable(),
      spend: new SpendTable(),
      isSelected: () => true,
    },
  );
  return (components[component] ?? 0n) === 0n;
}

/** Enough that no conversion rounds it away. */
const LARGE = 10n ** 15n;
