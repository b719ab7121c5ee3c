import { divideHalfEven, utcDay } from './rates.ts';

/** Money spent on winning customers, accrued evenly over its period. */
export interface Spend {
  readonly amountMinor: number;
  readonly currency: string;
  readonly channel: string;
  /** Its period, `to` exclusive, ms. */
  readonly from: number;
  readonly to: number;
  /** When it was recorded, ms: its exchange rate is that of this day. */
  readonly at: number;
}

/** Spend of one tenant, by the record that states it. */
export class SpendTable {
  readonly #records = new Map<string, Spend>();

  /** `text` is what {@link spendText} made; undefined takes the record back. */
  set(record: string, text: string | undefined): void {
    if (text === undefined) this.#records.delete(record);
    else this.#records.set(record, parseSpend(text));
  }

  /**
   * Sums per currency and day of recording of what falls into `[from, to)`, in minor units; each record's part is rounded half
   * to even once (KPI_SPEC 7.4). Only of the channels that are counted.
   */
  within(
    span: { readonly from: number; readonly to: number },
    isCounted: (channel: string) => boolean,
  ): readonly { readonly currency: string; readonly day: number; readonly sum: bigint }[] {
    const sums = new Map<string, { currency: string; day: number; sum: bigint }>();
    for (const spend of this.#records.values()) {
      if (!isCounted(spend.channel)) continue;
      const { currency } = spend;
      const day = utcDay(spend.at);
      const name = `${currency} ${day}`;
      const entry = sums.get(name) ?? { currency, day, sum: 0n };
      entry.sum += partWithin(spend, span);
      sums.set(name, entry);
    }
    return [...sums.values()];
  }
}

/** What of a record falls into `[from, to)`, minor units of its currency, rounded half to even. */
export function partWithin(
  spend: Spend,
  span: { readonly from: number; readonly to: number },
): bigint {
  const length = spend.to - spend.from;
  const overlap = Math.min(spend.to, span.to) - Math.max(spend.from, span.from);
  if (overlap <= 0 || length <= 0) return 0n;
  return divideHalfEven(BigInt(spend.amountMinor) * BigInt(overlap), BigInt(length));
}

export function spendText(spend: Spend): string {
  const { amountMinor, currency, channel, from, to, at } = spend;
  return JSON.stringify([amountMinor, currency, channel, from, to, at]);
}

function parseSpend(text: string): Spend {
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts)) throw new RangeError('a record of spend is not a list');
  const [amountMinor, currency, channel, from, to, at]: unknown[] = parts;
  return {
    amountMinor: Number(amountMinor),
    currency: String(currency),
    channel: String(channel),
    from: Number(from),
    to: Number(to),
    at: Number(at),
  };
}
