/** Things that were begun and must be ended, last begun first. */
export interface Teardown {
  add(name: string, close: () => Promise<void>): void;
  /** Ends everything once, however often it is called. A part that fails to end does not keep the others from it. */
  run(): Promise<void>;
}

export interface TeardownHooks {
  readonly onEnded: (name: string) => void;
  readonly onFailed: (name: string, error: unknown) => void;
}

export function createTeardown(hooks: TeardownHooks): Teardown {
  const parts: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { name } = part;
      await part.close().then(
        () => hooks.onEnded(name),
        (error: unknown) => hooks.onFailed(name, error),
      );
    }
  };
  return {
    add: (name, close) => {
      parts.push({ name, close });
    },
    run: () => (running ??= runAll()),
  };
}
