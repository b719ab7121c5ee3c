/** Time for one property; a raised number of runs needs more than the default. */
export const PROPERTY_TIMEOUT_MS = 3_600_000;

/** Parameters of fast-check: SIM_RUNS raises the number of logs, SIM_SEED replays a run (a failure prints its seed). */
export function simParameters(runs: number): { numRuns: number; seed?: number } {
  const { SIM_RUNS, SIM_SEED } = process.env;
  const numRuns = SIM_RUNS === undefined ? runs : Number(SIM_RUNS);
  return SIM_SEED === undefined ? { numRuns } : { numRuns, seed: Number(SIM_SEED) };
}
