import { type IncomingMessage, createServer } from 'node:http';

/** One answer of the server below; `accept` takes all events of the request. */
export type ScriptedAnswer =
  | 'accept'
  | 'hang up'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    };

/** An HTTP server that says what a test tells it to: for the failures that a healthy ingest does not have. */
export interface ScriptedServer {
  readonly url: string;
  /** Bodies of the requests to `POST /v1/events`, parsed. */
  readonly bodies: readonly unknown[];
  readonly headers: readonly IncomingMessage['headers'][];
  close(): Promise<void>;
}

/** `answer` is asked for each request to `POST /v1/events`, with its number from 0; other paths answer 200. */
export async function startScriptedServer(
  answer: (request: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
): Promise<ScriptedServer> {
  const bodies: unknown[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks = await Array.fromAsync<Buffer>(request);
      if (request.method !== 'POST') return response.end('{}');
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      headers.push(request.headers);
      const answered = await answer(bodies.push(body) - 1);
      if (answered === 'hang up') return request.socket.destroy();
      const events = Array.isArray(body) ? body.length : 0;
      const accepted = { status: 202, body: { accepted: events, rejected: [] }, headers: {} };
      const { status, body: said, headers: extra } = answered === 'accept' ? accepted : answered;
      response.writeHead(status, { 'content-type': 'application/json', ...extra });
      return response.end(JSON.stringify(said ?? {}));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    headers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
