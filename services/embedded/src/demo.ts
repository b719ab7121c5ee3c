import { join } from 'node:path';

import { readConfig } from '@kpi/runtime';
import { type Demo, SIMULATOR_OPTIONS, start } from '@kpi/simulator';

import type { Embedded } from './embedded.ts';
import { type Reporter, seconds } from './reporter.ts';

export interface DemoOptions {
  readonly dataDir: string;
  readonly reporter: Reporter;
}

/** Let the demo company speak to ingest over HTTP, like any other client, and say how its history comes along. */
export async function startDemo(embedded: Embedded, options: DemoOptions): Promise<Demo> {
  const { reporter } = options;
  const context = {
    ...embedded.contextOf('demo'),
    // The system is of use without its demo.
    onFatal: (error: unknown) => reporter.problem(`The demo company stopped: ${String(error)}`),
  };
  const config = readConfig(SIMULATOR_OPTIONS, {
    ...embedded.environment,
    KPI_DEMO_URL: embedded.url,
    KPI_DEMO_STATE: join(options.dataDir, 'demo.json'),
  });
  const from = context.clock();
  const demo = await start(config, context, {
    onProgress: ({ events, share }) =>
      reporter.status(
        `Demo company: ${Math.round(share * 100)} % of its history, ${format(events)} events`,
      ),
  });
  embedded.adopt(demo);
  void tellLoaded(demo, (events) => {
    const took = `${format(events)} events of history in ${seconds(context.clock() - from)} s`;
    reporter.done(`Demo company: ${events === 0 ? 'goes on' : took}; live from now on`);
  });
  return demo;
}

async function tellLoaded(demo: Demo, tell: (events: number) => void): Promise<void> {
  try {
    const { events } = await demo.loaded;
    tell(events);
  } catch {
    // The demo says why through onFatal; when it was stopped there is nothing to say.
  }
}

function format(events: number): string {
  return events.toLocaleString('en');
}
