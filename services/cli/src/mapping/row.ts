/** What a column or a computed name holds. */
export type Scalar = string | number | boolean;

/** One row, or several joined: values by name. A name without a value is absent (an empty CSV field is absent too). */
export interface Row {
  get(name: string): Scalar | undefined;
}

/** Why a row cannot become the events its rules describe. Data about the row, caught where rows are mapped. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
}

/** Run `work`; a row problem inside it is thrown again with the place in the mapping in front. */
export function at<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    throw new RowProblem(`${place}: ${error.message}`, { cause: error });
  }
}
