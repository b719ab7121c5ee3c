import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** An address in front of an engine that can go away, come back, and lose an answer. Passes everything on at first. */
export interface EngineProxy {
  /** The engine's URL with the proxy's address in it. */
  readonly url: string;
  /** The engine is away: every connection ends, new ones are refused. */
  cut(): Promise<void>;
  /** The engine is back. */
  restore(): Promise<void>;
  /**
   * The next request that contains `text` (in any case) reaches the engine, and the connection ends in place of its answer.
   * Resolves once that has happened.
   */
  loseAnswer(text: string): Promise<void>;
  /** The peers of all connections are gone without a word: nothing more passes on them. New connections work. */
  silence(): void;
  close(): Promise<void>;
}

/** Open a proxy on a free loopback port. */
export async function openProxy(engineUrl: string): Promise<EngineProxy> {
  const proxy = new TcpProxy(new URL(engineUrl));
  await proxy.restore();
  return proxy;
}

/** Waits for the request whose answer is to be lost. */
interface Trap {
  readonly text: string;
  readonly sprung: () => void;
}

class TcpProxy implements EngineProxy {
  readonly #engine: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #silent = new WeakSet<Socket>();
  #port = 0;
  #trap: Trap | undefined;

  constructor(engine: URL) {
    this.#engine = engine;
    this.#server = createServer((client) => this.#join(client));
  }

  get url(): string {
    const url = new URL(this.#engine);
    url.port = String(this.#port);
    return url.href;
  }

  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async restore(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  loseAnswer(text: string): Promise<void> {
    return new Promise((sprung) => {
      this.#trap = { text: text.toLowerCase(), sprung };
    });
  }

  silence(): void {
    for (const socket of this.#sockets) this.#silent.add(socket);
  }

  close(): Promise<void> {
    return this.cut();
  }

  #join(client: Socket): void {
    const engine = createConnection(Number(this.#engine.port), this.#engine.hostname);
    let lost: Trap | undefined;
    client.on('data', (request: Buffer) => {
      if (this.#silent.has(client)) return;
      lost ??= this.#springs(request);
      engine.write(request);
    });
    engine.on('data', (answer: Buffer) => {
      if (lost === undefined) {
        client.write(answer);
        return;
      }
      client.destroy();
      lost.sprung();
    });
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  #springs(request: Buffer): Trap | undefined {
    const trap = this.#trap;
    if (trap === undefined || !request.toString('latin1').toLowerCase().includes(trap.text))
      return undefined;
    this.#trap = undefined;
    return trap;
  }
}
