import { SchemaRegistry as RegistryClient, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Fault, type FaultCode } from '@kpi/core';
import { type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

export type RegistryOptions = Pick<
  EngineConfig,
  'KPI_REGISTRY_URL' | 'KPI_REGISTRY_USER' | 'KPI_REGISTRY_PASSWORD'
>;

const DEADLINE_MS = 10_000;
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
/** How the client reports an answer of the registry, or that there was none. */
const REFUSAL = z.object({ name: z.literal('ResponseError'), status: z.int() });
/** What else the client throws: a subject or schema that is not there, a level of the subject that is another, no Avro. */
const OWN_ERRORS: ReadonlyMap<string, FaultCode> = new Map([
  ['ConfluentSchemaRegistryError', 'schema_unknown'],
  ['ConfluentSchemaRegistryCompatibilityError', 'schema_incompatible'],
  ['ConfluentSchemaRegistryInvalidSchemaError', 'schema_unknown'],
  ['ConfluentSchemaRegistryUnsupportedTypeError', 'schema_unknown'],
]);
const NOT_FOUND = 404;
const INCOMPATIBLE: ReadonlySet<number> = new Set([409, 422]);

/**
 * The Confluent schema registry, through its kafkajs client. Every call has a deadline; an outage is a Fault
 * `registry_unreachable`, which a retry can help, and never looks like a missing or refused schema.
 */
export class SchemaRegistry {
  readonly #client: RegistryClient;
  readonly #url: string;
  readonly #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    const { KPI_REGISTRY_USER: username, KPI_REGISTRY_PASSWORD: password = '' } = options;
    this.#url = options.KPI_REGISTRY_URL.replace(/\/+$/, '');
    this.#authorization =
      username === undefined
        ? undefined
        : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    this.#client = new RegistryClient({
      host: this.#url,
      // Repeating is for whoever knows what the call is for; the client would hide an outage for seconds.
      retry: { retries: 0 },
      ...(username === undefined ? {} : { auth: { username, password } }),
    });
  }

  /** Id of a schema that the subject already has; undefined when it has not. */
  find(subject: string, schema: string): Promise<number | undefined> {
    const known = this.#client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema });
    return unlessMissing(reach(`find ${subject}`, known));
  }

  /**
   * From now on the subject accepts only schemas that can read what its latest wrote. The client sets a level only after the
   * first schema, when another process may already have registered the second.
   */
  async requireBackward(subject: string): Promise<void> {
    const answers = [await this.#putLevel(subject)];
    // Somebody set the level of this subject at the same moment; Apicurio calls that a conflict, once.
    if (answers[0] === 409) answers.push(await this.#putLevel(subject));
    const status = answers.at(-1) ?? 0;
    if (status < 200 || status > 299) {
      throw new Fault(
        'registry_unreachable',
        `the registry answered ${status} to the level of ${subject}`,
      );
    }
  }

  /** Add a schema to the subject, or find it there. A Fault `schema_incompatible` when the subject's level forbids it. */
  async register(subject: string, schema: string): Promise<number> {
    const registered = this.#client.register(
      { type: SchemaType.AVRO, schema },
      { subject, updateConfig: false },
    );
    const { id } = await reach(`register ${subject}`, registered);
    return id;
  }

  /** The schema with this id, names, types and defaults without documentation; undefined when the registry has none. */
  async schema(id: number): Promise<string | undefined> {
    const found = await unlessMissing(reach(`read schema ${id}`, this.#client.getSchema(id)));
    return found === undefined ? undefined : JSON.stringify(found);
  }

  /** Resolves when the registry answers. Throws `registry_unreachable`. */
  async ping(): Promise<void> {
    const request = fetch(`${this.#url}/subjects`, {
      headers: this.#headers,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const { ok, status } = await reach('ping', request);
    if (!ok) throw new Fault('registry_unreachable', `the registry answered ${status}`);
  }

  get #headers(): Readonly<Record<string, string>> {
    return {
      accept: `${MEDIA_TYPE}, application/json`,
      ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
    };
  }

  async #putLevel(subject: string): Promise<number> {
    const request = fetch(`${this.#url}/config/${encodeURIComponent(subject)}`, {
      method: 'PUT',
      headers: { ...this.#headers, 'content-type': MEDIA_TYPE },
      body: JSON.stringify({ compatibility: 'BACKWARD' }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const { status } = await reach(`level of ${subject}`, request);
    return status;
  }
}

/** The answer of a call, or the Fault that says why there is none; a missing thing is `schema_unknown`. */
async function reach<T>(what: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([call, overdue]);
  } catch (error) {
    const code = codeOf(error);
    const said = error instanceof Error ? error.message : String(error);
    throw new Fault(code, `${what}: ${said}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): FaultCode {
  const status = REFUSAL.safeParse(error).data?.status;
  if (status === NOT_FOUND) return 'schema_unknown';
  if (status !== undefined && INCOMPATIBLE.has(status)) return 'schema_incompatible';
  const own = error instanceof Error ? OWN_ERRORS.get(error.constructor.name) : undefined;
  return own ?? 'registry_unreachable';
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Fault && error.code === 'schema_unknown') return undefined;
    throw error;
  }
}
