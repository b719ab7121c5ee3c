import { Session } from 'chdb';

import { type HostRequest } from './request.ts';

/** What the engine counted for one statement, and the bytes it answered when they do not go to a file. */
export interface Executed {
  readonly rows: number;
  readonly bytes: number;
  readonly elapsedNs: number;
  readonly output: Uint8Array;
}

/** Connections kept for the next request of their kind. An idle one costs about 0.4 MB. */
const IDLE_MAX = 32;

interface IdleConnection {
  readonly kind: string;
  readonly session: Session;
}

/**
 * One data directory of embedded ClickHouse. Opening it loads all tables.
 *
 * A request runs on a connection that no other uses. A connection remembers settings, parameters and database, so it is
 * reused only by a request that sets the same names: each of them is overwritten and nothing is left over. (Closing one
 * per request is no way: chDB puts off every close until the longest query running anywhere has ended.)
 */
export class Engine {
  readonly version: string;
  readonly #path: string;
  /** Keeps the directory open while no request runs. */
  readonly #anchor: Session;
  readonly #idle: IdleConnection[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#anchor = new Session(path);
    this.version = this.#anchor.query('SELECT version()', 'TSV').trim();
  }

  /** Run one statement with the settings, parameters and database of its request. Throws the engine's error. */
  async run(sql: string, request: HostRequest): Promise<Executed> {
    const kind = kindOf(request);
    const session = this.#take(kind);
    try {
      await session.queryAsync(preparation(request));
      const result = await session.queryAsync(sql, { format: request.defaultFormat });
      this.#giveBack({ kind, session }, changesConnection(sql) || request.isReadOnly);
      return {
        rows: result.rowsRead,
        bytes: result.bytesRead,
        elapsedNs: Math.round(result.elapsed * 1e9),
        output: result.bytes(),
      };
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Stop the statement of this query id, if it runs. Its `run` fails with the engine's error. */
  async cancel(queryId: string): Promise<void> {
    const sql = `KILL QUERY WHERE Settings['log_comment'] = ${literal(queryId)} ASYNC`;
    await this.#anchor.queryAsync(sql);
  }

  close(): void {
    for (const { session } of this.#idle.splice(0)) session.close();
    this.#anchor.close();
  }

  #take(kind: string): Session {
    const at = this.#idle.findLastIndex((one) => one.kind === kind);
    const [found] = at === -1 ? [] : this.#idle.splice(at, 1);
    return found?.session ?? new Session(this.#path);
  }

  #giveBack(connection: IdleConnection, isSpoilt: boolean): void {
    if (isSpoilt) {
      connection.session.close();
      return;
    }
    this.#idle.push(connection);
    if (this.#idle.length > IDLE_MAX) this.#idle.shift()?.session.close();
  }
}

/** The names a request sets on its connection, and its database, which has a value even when it is not named. */
function kindOf({ database, settings, parameters, isReadOnly }: HostRequest): string {
  const names = [...[...settings.keys()].map((name) => `set ${name}`), ...parameters.keys()];
  return JSON.stringify([database, isReadOnly, names.toSorted()]);
}

/** Statements whose effect lasts as long as their connection: over HTTP it ends with the request. */
function changesConnection(sql: string): boolean {
  return /^\s*(?:SET|USE|CREATE\s+TEMPORARY)\b/i.test(sql);
}

/** Statements that give a connection what the URL says. `implicit_select` is a habit of the local engine; a server has none. */
function preparation(request: HostRequest): string {
  const { database, settings, parameters, isReadOnly, queryId } = request;
  return [
    ...(database === undefined ? [] : [`USE ${identifier(database)}`]),
    'SET implicit_select = 0',
    ...[...settings].map(([name, value]) => `SET ${name} = ${literal(value)}`),
    // The engine names its queries itself; by this one it is found again.
    `SET log_comment = ${literal(queryId)}`,
    // The value is escaped text already, as on the wire: the engine parses it by the type in the statement.
    ...[...parameters].map(([name, value]) => `SET param_${name} = ${literal(value)}`),
    ...(isReadOnly ? ['SET readonly = 2'] : []),
  ].join(';\n');
}

/** A string literal of ClickHouse. */
export function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
