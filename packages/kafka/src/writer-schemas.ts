import { Fault, type EventType } from '@kpi/core';
import { type Clock } from '@kpi/runtime';
import { type Resolver, type Type } from 'avsc';

import { findEndOf, type FindEnd } from './avro-end.ts';
import { type GlanceAt, glanceOf } from './event-glance.ts';
import { avroTypeOf, eventTypeOf, parseAvro } from './event-schemas.ts';
import { type Transcriber, transcriberOf } from './event-transcriber.ts';
import { type SchemaRegistry } from './registry.ts';

/** How to read what one schema wrote. */
export interface WriterSchema {
  readonly eventType: EventType;
  readonly findEnd: FindEnd;
  readonly reader: Type;
  readonly resolver: Resolver;
  readonly glance: GlanceAt | undefined;
  /** Undefined where only decoding will do. */
  readonly transcriber: Transcriber | undefined;
}

/** An unknown id is asked for again after this: the schema may have been registered since, but not for every bad record. */
const UNKNOWN_MS = 10_000;

/**
 * Schemas by registry id, each fetched once. What is wrong with an id (unknown, no event, not readable by our schema) is
 * remembered for a short while as a Fault; an outage of the registry is thrown and never remembered.
 */
export class WriterSchemas {
  readonly #registry: Pick<SchemaRegistry, 'schema'>;
  readonly #clock: Clock;
  readonly #known = new Map<number, WriterSchema>();
  readonly #refused = new Map<number, { readonly fault: Fault; readonly until: number }>();
  readonly #asked = new Map<number, Promise<WriterSchema | Fault>>();

  constructor(registry: Pick<SchemaRegistry, 'schema'>, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** What is known without asking. */
  known(id: number): WriterSchema | undefined {
    return this.#known.get(id);
  }

  /** The schema or what is wrong with it; rejects with `registry_unreachable`. */
  fetch(id: number): Promise<WriterSchema | Fault> {
    const refused = this.#refused.get(id);
    if (refused !== undefined && this.#clock() < refused.until)
      return Promise.resolve(refused.fault);
    const asked = this.#asked.get(id);
    if (asked !== undefined) return asked;
    const answer = this.#ask(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, answer);
    return answer;
  }

  async #ask(id: number): Promise<WriterSchema | Fault> {
    const text = await this.#registry.schema(id);
    const schema = text === undefined ? unknownId(id) : openSchema(id, text);
    if (schema instanceof Fault) {
      this.#forgetOld();
      this.#refused.set(id, { fault: schema, until: this.#clock() + UNKNOWN_MS });
    } else {
      this.#known.set(id, schema);
    }
    return schema;
  }

  /** Garbage can name any of 2^32 ids; what has expired must not stay. */
  #forgetOld(): void {
    for (const [id, { until }] of this.#refused) {
      if (until <= this.#clock()) this.#refused.delete(id);
    }
  }
}

function unknownId(id: number): Fault {
  return new Fault('schema_unknown', `the registry has no schema ${id}`);
}

function openSchema(id: number, text: string): WriterSchema | Fault {
  try {
    const writer = parseAvro(text);
    const eventType = eventTypeOf(writer);
    if (eventType === undefined) {
      return new Fault(
        'schema_unknown',
        `schema ${id} is ${writer.name ?? 'no record'}, not an event`,
      );
    }
    const reader = avroTypeOf(eventType);
    return {
      eventType,
      findEnd: findEndOf(writer),
      reader,
      resolver: reader.createResolver(writer),
      glance: glanceOf(writer, eventType),
      transcriber: transcriberOf(eventType, writer, reader),
    };
  } catch (error) {
    return new Fault('schema_incompatible', `schema ${id} cannot be read as ours`, {
      cause: error,
    });
  }
}
