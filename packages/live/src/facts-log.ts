import { type Dispatch, Fault, PART, type PlacedFact } from '@kpi/core';
import { type EventProducer, type LogRecord, type OutgoingRecord, partitionOf } from '@kpi/kafka';
import { decodeFacts, encodeFacts } from '@kpi/redis';
import { z } from 'zod';

export interface FactsLogOptions {
  readonly producer: Pick<EventProducer, 'send'>;
  /** Full name of the topic of facts. */
  readonly topic: string;
  readonly partitions: number;
}

/** What is told in the log of facts. */
export interface Told {
  /** The generation of the live store that it is said in: others hear it from their own homes. Null: it is for all of them. */
  readonly generation: number | null;
  readonly dispatches: readonly Dispatch[];
  /** Homes that must be read again from history. */
  readonly stale: readonly string[];
}

/** Writes what is told. Resolves when the log has it; throws `broker_unreachable`. */
export type Teller = (told: Told) => Promise<void>;

export function createTeller({ producer, topic, partitions }: FactsLogOptions): Teller {
  return ({ generation, dispatches, stale }) => {
    const placeOf = (home: string): number => partitionOf(home, partitions);
    const toldIn = Map.groupBy(dispatches, ({ to }) => placeOf(to));
    const staleIn = Map.groupBy(stale, placeOf);
    const records = [...new Set([...toldIn.keys(), ...staleIn.keys()])].map((partition) =>
      recordOf(topic, {
        generation,
        dispatches: toldIn.get(partition) ?? [],
        stale: staleIn.get(partition) ?? [],
      }),
    );
    return producer.send(records);
  };
}

/** All that is told to homes of one partition goes into one record; any of their keys leads there. */
function recordOf(topic: string, { generation, dispatches, stale }: Told): OutgoingRecord {
  const key = dispatches[0]?.to ?? stale[0];
  if (key === undefined) throw new RangeError('nothing is told');
  const told = [...Map.groupBy(dispatches, ({ to }) => to)].map(([to, all]) => [
    to,
    entitiesOf(all.flatMap(({ facts }) => facts)),
  ]);
  const value = { generation, told, stale: [...new Set(stale)] };
  return { topic, key, value: Buffer.from(JSON.stringify(value)) };
}

function entitiesOf(placed: readonly PlacedFact[]): readonly (readonly [string, string])[] {
  return [...Map.groupBy(placed, ({ entity }) => entity)].map(([entity, all]) => [
    entity,
    encodeFacts(all.map(({ fact }) => fact)),
  ]);
}

const homeName = z.string().includes(PART);

const toldRecord = z.object({
  generation: z.number().int().nullable(),
  /** Home and what it is told: entity and facts. */
  told: z.array(z.tuple([homeName, z.array(z.tuple([z.string().min(1), z.string()]))])),
  stale: z.array(homeName),
});

/** What a record of the topic of facts tells; a Fault when it is none that {@link createTeller} writes. */
export function readTold({ value }: Pick<LogRecord, 'value'>): Told | Fault {
  try {
    const { generation, told, stale } = toldRecord.parse(JSON.parse(value?.toString() ?? ''));
    const dispatches = told.map(([to, all]) => ({ to, facts: all.flatMap(placedFacts) }));
    return { generation, dispatches, stale };
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('event_invalid', 'is not what homes tell each other', { cause: error });
  }
}

function placedFacts([entity, text]: readonly [string, string]): readonly PlacedFact[] {
  return decodeFacts(text).map((fact) => ({ entity, fact }));
}
