import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** A port in front of an engine that can go away and come back. */
export interface TestProxy {
  readonly port: number;
  /** Connections are passed on. */
  open(): Promise<void>;
  /** Every connection ends, and new ones are refused. */
  cut(): Promise<void>;
}

/** A free port on loopback, closed at first. */
export async function createTestProxy(target: URL): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = createConnection(Number(target.port), target.hostname);
    for (const [from, to] of [[client, engine] as const, [engine, client] as const]) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const port = await listen(server, 0);
  await close(server);
  return {
    port,
    async open() {
      await listen(server, port);
    },
    async cut() {
      const closed = close(server);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
