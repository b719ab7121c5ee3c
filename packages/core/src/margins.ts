import { RATE_SCALE, parseDecimal } from './rates.ts';

/** A margin as a whole number of parts of {@link MARGIN_SCALE}. */
export const MARGIN_SCALE: bigint = RATE_SCALE;

/** Gross margins of one tenant, each from an instant on. */
export class MarginTable {
  readonly #byStart = new Map<number, bigint>();

  /** `text` is a decimal from -1 to 1 with at most ten digits after the point; undefined withdraws the margin of that instant. */
  set(validFrom: number, text: string | undefined): void {
    const margin = text === undefined ? undefined : parseMargin(text);
    if (margin === undefined) this.#byStart.delete(validFrom);
    else this.#byStart.set(validFrom, margin);
  }

  /** The margin in force at an instant, ms, in parts of {@link MARGIN_SCALE}; undefined when none is known. */
  at(instant: number): bigint | undefined {
    let latest = -Infinity;
    for (const validFrom of this.#byStart.keys())
      if (validFrom <= instant && validFrom > latest) latest = validFrom;
    return this.#byStart.get(latest);
  }
}

function parseMargin(text: string): bigint | undefined {
  const isLoss = text.startsWith('-');
  const size = parseDecimal(isLoss ? text.slice(1) : text);
  if (size === undefined || size > MARGIN_SCALE) return undefined;
  return isLoss ? -size : size;
}
