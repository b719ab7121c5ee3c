import { aggregateOptions, start as startAggregate } from '@kpi/aggregate';
import { apiOptions, start as startApi } from '@kpi/api';
import { archiveOptions, start as startArchive } from '@kpi/archive';
import { INGEST_OPTIONS, start as startIngest } from '@kpi/ingest';
import {
  type Environment,
  type HttpServer,
  type Service,
  type ServiceContext,
  readConfig,
} from '@kpi/runtime';

/** What a service needs to start inside this program. */
export interface Surroundings {
  readonly environment: Environment;
  readonly http: HttpServer;
}

export interface ServiceEntry {
  readonly name: string;
  start(surroundings: Surroundings, context: ServiceContext): Promise<Service>;
}

/**
 * The services in stages: those of one stage start side by side, because joining a consumer group takes seconds after a crash. Closing
 * goes backwards: first no more events come in, then those there are finished.
 */
export const STAGES: readonly (readonly ServiceEntry[])[] = [
  [
    {
      name: 'aggregate',
      start: ({ environment }, context) =>
        startAggregate(readConfig(aggregateOptions, environment), context),
    },
    {
      name: 'archive',
      start: ({ environment }, context) =>
        startArchive(readConfig(archiveOptions, environment), context),
    },
  ],
  [
    {
      name: 'api',
      start: ({ environment, http }, context) =>
        startApi(readConfig(apiOptions, environment), context, http),
    },
  ],
  [
    {
      name: 'ingest',
      start: ({ environment, http }, context) =>
        startIngest(readConfig(INGEST_OPTIONS, environment), context, http),
    },
  ],
];
