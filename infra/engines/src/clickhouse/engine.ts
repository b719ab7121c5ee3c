import { Session } from 'chdb';

import { type HostRequest } from './request.ts';

/** What the engine counted for one statement. */
export interface Tally {
  readonly rows: number;
  readonly bytes: number;
  readonly elapsedNs: number;
}

export interface Executed {
  readonly tally: Tally;
  readonly output: Uint8Array;
}

/** One data directory of embedded ClickHouse. Opening it loads all tables. */
export class Engine {
  readonly #path: string;
  /** Keeps the directory open between requests. */
  readonly #anchor: Session;
  readonly version: string;

  constructor(path: string) {
    this.#path = path;
    this.#anchor = new Session(path);
    this.version = this.#anchor.query('SELECT version()', 'TSV').trim();
  }

  /**
   * Run one statement on a connection of its own (opening one takes a fraction of a millisecond), so that settings,
   * parameters and database of a request never reach another.
   */
  async run(sql: string, request: HostRequest): Promise<Executed> {
    const session = new Session(this.#path);
    try {
      await session.queryAsync(preparation(request));
      const result = await session.queryAsync(sql, { format: request.defaultFormat });
      const tally = {
        rows: result.rowsRead,
        bytes: result.bytesRead,
        elapsedNs: Math.round(result.elapsed * 1e9),
      };
      return { tally, output: result.bytes() };
    } finally {
      session.close();
    }
  }

  close(): void {
    this.#anchor.close();
  }
}

/** Statements that give a connection what the URL says. `implicit_select` is a habit of the local engine; a server has none. */
function preparation(request: HostRequest): string {
  const { database, settings, parameters, isReadOnly } = request;
  return [
    ...(database === undefined ? [] : [`USE ${identifier(database)}`]),
    'SET implicit_select = 0',
    ...[...settings].map(([name, value]) => `SET ${name} = ${literal(value)}`),
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
