import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { join } from 'node:path';

import { portOf } from '../process/ports.ts';
import { readBody } from './body.ts';
import { Engine } from './engine.ts';
import { execute } from './execute.ts';
import { type Failure, failureOf } from './failure.ts';
import { Gate } from './gate.ts';
import { type HostRequest, readRequest } from './request.ts';
import { respond, respondFailure } from './respond.ts';
import { Spool } from './spool.ts';

/** Fewer than the threads of libuv (set where this process is started), so that files never wait for queries. */
const QUERIES_AT_ONCE_MAX = 12;
/** Longer than the official client keeps an idle connection, so that it is the client who closes. */
const KEEP_ALIVE_MS = 30_000;

export interface HostOptions {
  readonly directory: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** ClickHouse's HTTP interface in front of one embedded data directory. */
export interface Host {
  readonly port: number;
  /** Finishes the requests in hand and releases the data. */
  close(): Promise<void>;
}

/** Open the data, then listen. Inserts are on disk when they are answered. */
export async function startHost(options: HostOptions): Promise<Host> {
  const spool = new Spool(join(options.directory, 'spool'));
  await spool.clear();
  const engine = new Engine(join(options.directory, 'data'));
  const gate = new Gate(QUERIES_AT_ONCE_MAX);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 });
  server.on('request', (message, response) => {
    void serve({ engine, spool, gate }, message, response);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { port: portOf(server), close: () => closeHost(server, engine) };
}

interface Parts {
  readonly engine: Engine;
  readonly spool: Spool;
  readonly gate: Gate;
}

async function serve(
  { engine, spool, gate }: Parts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('X-ClickHouse-Server-Display-Name', 'embedded');
  let request: HostRequest | undefined;
  try {
    if (isGreeting(message)) {
      response.setHeader('Content-Type', 'text/html; charset=UTF-8');
      response.end('Ok.\n');
      return;
    }
    const read = readRequest(message);
    request = read;
    const body = readBody(message, read.isBodyGzip);
    const gone = goneOf(response);
    const send = respond.bind(undefined, response, read);
    await gate.pass(() => execute({ engine, spool, request: read, body, gone, send }));
  } catch (error) {
    fail(response, request?.queryId, failureOf(error, engine.version));
  }
}

function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** `/ping`, and `/` with nothing to run. */
function isGreeting(message: IncomingMessage): boolean {
  const { pathname, search } = new URL(message.url ?? '/', 'http://localhost');
  return pathname === '/ping' || (message.method === 'GET' && pathname === '/' && search === '');
}

/** After the first byte only a broken connection can say that something went wrong. */
function fail(response: ServerResponse, queryId: string | undefined, failure: Failure): void {
  if (response.headersSent) response.destroy();
  else respondFailure(response, queryId, failure);
  // What the client still sends is read and dropped, or it would never look at the answer.
  response.req.resume();
}

async function closeHost(server: Server, engine: Engine): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  engine.close();
}
