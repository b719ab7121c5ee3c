import type { Service, ServiceContext } from '@kpi/runtime';

import type { ServiceEntry, Surroundings } from './services.ts';
import type { Teardown } from './teardown.ts';

export interface StartServicesOptions extends Surroundings {
  readonly stages: readonly (readonly ServiceEntry[])[];
  readonly contextOf: (name: string) => ServiceContext;
  readonly teardown: Teardown;
  /** Called with each service that has started. */
  readonly onStarted: (service: Service) => void;
}

/** Start all services, stage by stage. When one fails, those that started are in the teardown. */
export async function startServices(options: StartServicesOptions): Promise<void> {
  const { environment, http, contextOf, teardown, onStarted } = options;
  const start = async (entry: ServiceEntry): Promise<void> => {
    const service = await entry.start({ environment, http }, contextOf(entry.name));
    teardown.add(entry.name, () => service.close());
    onStarted(service);
  };
  for (const stage of options.stages) await allSettled(stage.map(start));
}

/** Wait for all, also when one fails: what the others have begun must be known before it is ended. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}
