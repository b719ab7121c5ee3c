import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';

/** A registry that does not know one schema yet: everything else is the real one's answer. */
export interface ForgetfulRegistry {
  readonly url: string;
  /** From now on it knows the schema. */
  learn(): void;
  close(): Promise<void>;
}

/** Stand in front of the registry at `target` and hide the schema with this id. */
export async function startForgetfulRegistry(
  target: string,
  hiddenId: number,
): Promise<ForgetfulRegistry> {
  let isHidden = true;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (isHidden && path.startsWith(`/schemas/ids/${hiddenId}`)) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error_code: 40_403, message: 'Schema not found' }));
      return;
    }
    forward(`${target}${path}`, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port has an address of this shape
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    learn: () => {
      isHidden = false;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = 'GET' } = request;
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'application/json',
  });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
