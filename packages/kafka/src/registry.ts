import { Fault } from '@kpi/core';
import { type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

export type RegistryOptions = Pick<
  EngineConfig,
  'KPI_REGISTRY_URL' | 'KPI_REGISTRY_USER' | 'KPI_REGISTRY_PASSWORD'
>;

const DEADLINE_MS = 10_000;
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
const ID_ANSWER = z.object({ id: z.int() });
const SCHEMA_ANSWER = z.object({ schema: z.string() });

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * The Confluent schema registry interface, as far as it is used here. Every call has a deadline; an outage is a Fault
 * `registry_unreachable`, which a retry can help, and never looks like a missing or refused schema.
 */
export class SchemaRegistry {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: RegistryOptions) {
    this.#url = options.KPI_REGISTRY_URL.replace(/\/+$/, '');
    const credentials = `${options.KPI_REGISTRY_USER ?? ''}:${options.KPI_REGISTRY_PASSWORD ?? ''}`;
    this.#headers = {
      'content-type': MEDIA_TYPE,
      accept: `${MEDIA_TYPE}, application/json`,
      ...(options.KPI_REGISTRY_USER === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    };
  }

  /** Id of a schema that the subject already has; undefined when it has not. */
  async find(subject: string, schema: string): Promise<number | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    const answer = await this.#ask({ method: 'POST', path, body: { schema } });
    return answer === undefined ? undefined : ID_ANSWER.parse(answer).id;
  }

  /** From now on the subject accepts only schemas that can read what its latest wrote. */
  async requireBackward(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const request = { method: 'PUT', path, body: { compatibility: 'BACKWARD' } } as const;
    try {
      await this.#ask(request);
    } catch (error) {
      // Somebody set the level of this subject at the same moment; Apicurio calls that a conflict, once.
      if (!(error instanceof Fault) || error.code !== 'schema_incompatible') throw error;
      await this.#ask(request);
    }
  }

  /** Add a schema to the subject, or find it there. A Fault `schema_incompatible` when the subject's level forbids it. */
  async register(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#ask({ method: 'POST', path, body: { schema } });
    return ID_ANSWER.parse(answer).id;
  }

  /** Text of the schema with this id; undefined when the registry has none. */
  async schema(id: number): Promise<string | undefined> {
    const answer = await this.#ask({ method: 'GET', path: `/schemas/ids/${id}` });
    return answer === undefined ? undefined : SCHEMA_ANSWER.parse(answer).schema;
  }

  /** The parsed answer; undefined for 404. */
  async #ask({ method, path, body }: Request): Promise<unknown> {
    const response = await this.#send({ method, path, body });
    if (response.ok) return response.json();
    const said = await response.text();
    if (response.status === 404) return undefined;
    if (response.status === 409 || response.status === 422) {
      throw new Fault('schema_incompatible', `the registry refused ${path}: ${said}`);
    }
    throw new Fault('registry_unreachable', `the registry answered ${response.status} to ${path}`);
  }

  async #send({ method, path, body }: Request): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, {
        method,
        headers: this.#headers,
        signal: AbortSignal.timeout(DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new Fault('registry_unreachable', `no answer from the registry to ${path}`, {
        cause: error,
      });
    }
  }
}
