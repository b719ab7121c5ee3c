import { Fault } from '@kpi/core';

import { type SuperviseOptions, type Supervised, supervise } from '../process/supervised.ts';
import { type Engine, type EngineNode } from './engine.ts';

/** A node of an engine that also can be closed for good. */
export interface ClosableNode extends EngineNode {
  close(): Promise<void>;
}

/** Start one process of an engine and wait until it answers. */
export async function startNode(url: string, options: SuperviseOptions): Promise<ClosableNode> {
  let process: Supervised | undefined = await supervise(options);
  const running = (): Supervised => {
    if (process === undefined) throw new Fault('engine_failed', `${options.name} does not run`);
    return process;
  };
  return {
    url,
    pid: () => running().pid(),
    async kill() {
      await running().kill();
      process = undefined;
    },
    async start() {
      if (process === undefined) process = await supervise(options);
    },
    async close() {
      await process?.close();
      process = undefined;
    },
  };
}

/** Start all nodes of an engine at once. If one fails, the others are stopped before that is said. */
export async function startNodes(
  starting: readonly Promise<ClosableNode>[],
): Promise<readonly ClosableNode[]> {
  const outcomes = await Promise.allSettled(starting);
  const started = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = outcomes.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await closeNodes(started);
  throw failed.reason;
}

/** The engine that these nodes are together. */
export function engineOf(nodes: readonly ClosableNode[]): Engine {
  return { url: nodes.map(({ url }) => url).join(','), nodes, close: () => closeNodes(nodes) };
}

async function closeNodes(nodes: readonly ClosableNode[]): Promise<void> {
  await Promise.allSettled(nodes.map((node) => node.close()));
}
