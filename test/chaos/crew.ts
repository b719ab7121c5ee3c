import { type Child, type ServiceName, startChild } from './child.ts';

export interface CrewOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for the output of the processes. */
  readonly logs: string;
}

/** The processes of a run that are alive. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #alive: Child[] = [];
  readonly #all: Child[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  start(service: ServiceName): Child {
    const child = startChild({
      ...this.#options,
      service,
      name: `${service}-${this.#all.length + 1}`,
    });
    this.#alive.push(child);
    this.#all.push(child);
    return child;
  }

  of(service: ServiceName): readonly Child[] {
    return this.#alive.filter((child) => child.service === service);
  }

  /** It is about to end because somebody wants it to. */
  release(child: Child): void {
    this.#alive.splice(this.#alive.indexOf(child), 1);
  }

  refuseUnexpectedEnds(): void {
    const ends = this.#alive.flatMap((child) => child.unexpectedEnd() ?? []);
    if (ends.length > 0) throw new Error(`${ends.join(', ')}; see ${this.#options.logs}`);
  }

  /** How often any of them has said this. */
  async said(text: string): Promise<number> {
    const counts = await Promise.all(this.#all.map((child) => child.said(text)));
    return counts.reduce((total, count) => total + count, 0);
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#alive.splice(0).map((child) => child.kill()));
  }
}
