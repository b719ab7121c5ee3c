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

/** What a home is told: facts, or that it must be read again from history. */
export type Told = Dispatch | Reread;

/** A home must be read again. `via` are homes that it is merged with and that were read again before it, because of the same. */
export interface Reread {
  readonly to: string;
  readonly via: readonly string[];
}

/** Writes what homes tell each other. Resolves when the log has it; throws `broker_unreachable`. */
export type Teller = (told: readonly Told[]) => Promise<void>;

export function createTeller({ producer, topic, partitions }: FactsLogOptions): Teller {
  return (all) => {
    const parts = Map.groupBy(all, ({ to }) => partitionOf(to, partitions));
    return producer.send([...parts.values()].map((told) => recordOf(topic, told)));
  };
}

/** All that is told to homes of one partition goes into one record; any of their keys leads there. */
function recordOf(topic: string, told: readonly Told[]): OutgoingRecord {
  const [first] = told;
  if (first === undefined) throw new RangeError('nothing is told');
  const dispatches = told.filter((one) => 'facts' in one);
  const homes = [...Map.groupBy(dispatches, ({ to }) => to)].map(([to, all]) => [
    to,
    entitiesOf(all.flatMap(({ facts }) => facts)),
  ]);
  const rereads = new Map(
    told.flatMap((one) => ('via' in one ? [[one.to, one.via] as const] : [])),
  );
  const orders = [...rereads].map(([to, via]) => [to, { reread: via }]);
  // What is told with it is told anew.
  return { topic, key: first.to, value: Buffer.from(JSON.stringify([...orders, ...homes])) };
}

function entitiesOf(placed: readonly PlacedFact[]): readonly (readonly [string, string])[] {
  return [...Map.groupBy(placed, ({ entity }) => entity)].map(([entity, all]) => [
    entity,
    encodeFacts(all.map(({ fact }) => fact)),
  ]);
}

/** Home key and what it is told: entity and facts. */
const toldRecord = z.array(
  z.tuple([
    z.string(),
    z.union([
      z.object({ reread: z.array(z.string()) }),
      z.array(z.tuple([z.string().min(1), z.string()])),
    ]),
  ]),
);

/** What homes are told by a record of the topic of facts; a Fault when it is none that {@link createTeller} writes. */
export function readTold({ value }: Pick<LogRecord, 'value'>): readonly Told[] | Fault {
  try {
    return toldRecord
      .parse(JSON.parse(value?.toString() ?? ''))
      .map(([to, told]) =>
        'reread' in told
          ? { to: requireHome(to), via: told.reread }
          : { to: requireHome(to), facts: told.flatMap(placedFacts) },
      );
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('event_invalid', 'is not what homes tell each other', { cause: error });
  }
}

function placedFacts([entity, text]: readonly [string, string]): readonly PlacedFact[] {
  return decodeFacts(text).map((fact) => ({ entity, fact }));
}

function requireHome(key: string): string {
  if (!key.includes(PART)) throw new Fault('event_invalid', 'names no home');
  return key;
}
