import type { EdgeEvent } from '../mapping/map-row.ts';
import { type Refusal, readBatches } from './batches.ts';
import { checkEvent } from './check-event.ts';
import type { PlannedInput } from './plan.ts';
import { NO_TALLY, type Tally, addTallies, countEach, reasonKind } from './tally.ts';
import type { Rejects } from './rejects.ts';

/** What an import would do. */
export interface Rehearsal {
  readonly tally: Tally;
  /** The first event of each type. */
  readonly examples: readonly EdgeEvent[];
}

const BATCH_EVENTS = 1_000;

/** Read and map everything, hold each event against the schemas, and send nothing. */
export async function rehearse(
  inputs: readonly PlannedInput[],
  options: {
    readonly rowsMax: number | undefined;
    readonly rejects: Rejects;
    readonly signal: AbortSignal;
  },
): Promise<Rehearsal> {
  const examples = new Map<string, EdgeEvent>();
  const { rowsMax, rejects, signal } = options;
  let tally = NO_TALLY;
  const batches = readBatches(inputs, {
    eventsMax: BATCH_EVENTS,
    skipRows: 0,
    ...(rowsMax === undefined ? {} : { rowsMax }),
  });
  for await (const batch of batches) {
    const refusals = batch.events.flatMap((queued): readonly Refusal[] => {
      const problem = checkEvent(queued.event);
      const { file, line, event } = queued;
      if (problem === undefined) return [];
      const { code, detail: reason, path } = problem;
      return [{ file, line, event, code, reason, ...(path === undefined ? {} : { path }) }];
    });
    for (const { event } of batch.events) {
      const type = String(event['event_type']);
      if (!examples.has(type)) examples.set(type, event);
    }
    tally = addTallies(addTallies(tally, batch.tally), {
      ...NO_TALLY,
      refusedEvents: refusals.length,
      refusalReasons: countEach(
        refusals.map(({ code, reason }) => `${code ?? ''}: ${reasonKind(reason)}`),
      ),
    });
    await rejects.add([...batch.refusals, ...refusals]);
    if (signal.aborted) break;
  }
  return { tally, examples: [...examples.values()] };
}
