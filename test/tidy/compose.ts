import { parse } from 'yaml';
import { z } from 'zod';

const SERVICE = z.object({
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  command: z.array(z.string()).default([]),
  image: z.string(),
  build: z.object({ dockerfile: z.string() }).optional(),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.unknown().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});

type ComposeService = z.infer<typeof SERVICE>;

const COMPOSE = z.object({
  services: z.record(z.string(), SERVICE),
  volumes: z.record(z.string(), z.unknown()),
});

export type Compose = z.infer<typeof COMPOSE>;

/** What a service of this repository accepts: throws for a value that it would refuse. */
export interface ServiceOptions {
  readonly names: ReadonlySet<string>;
  check(environment: Readonly<Record<string, string>>): void;
}

export interface Surroundings {
  /** Options by the folder of the program: `services/ingest`. */
  readonly optionsOf: (folder: string) => ServiceOptions | undefined;
  readonly exists: (path: string) => boolean;
}

/** Read a compose file, anchors and merges included. */
export function readCompose(text: string): Compose {
  return COMPOSE.parse(parse(text, { merge: true }));
}

/** Every place where the compose file and the repository disagree. */
export function findComposeProblems(compose: Compose, around: Surroundings): readonly string[] {
  return Object.entries(compose.services).flatMap(([name, service]) =>
    [
      ...programProblems(service, around),
      ...volumeProblems(service, compose, around),
      ...dependencyProblems(service, compose),
    ].map((problem) => `${name}: ${problem}`),
  );
}

/** The programs of this repository that a service runs: `services/ingest/src/main.ts`. */
function programsOf({ command }: ComposeService): readonly string[] {
  return [...new Set(command.join('\n').match(/services\/[\w-]+\/src\/main\.ts/g))];
}

function programProblems(service: ComposeService, around: Surroundings): readonly string[] {
  const programs = programsOf(service);
  if (service.build !== undefined && programs.length === 0) return ['runs no program of ours'];
  return programs.flatMap((program) => {
    if (!around.exists(program)) return [`${program} does not exist`];
    const options = around.optionsOf(program.replace('/src/main.ts', ''));
    if (options === undefined) return [`${program} declares no options`];
    return environmentProblems(service, options);
  });
}

function environmentProblems(service: ComposeService, options: ServiceOptions): readonly string[] {
  const ours = Object.entries(service.environment)
    .filter(([name]) => name.startsWith('KPI_'))
    .map(([name, value]) => [name, withDefaults(String(value))] as const);
  const unknown = ours.filter(([name]) => !options.names.has(name));
  if (unknown.length > 0) return unknown.map(([name]) => `${name} is no option`);
  try {
    options.check(Object.fromEntries(ours));
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** `${NAME:-default}` as it is when nobody sets NAME. */
function withDefaults(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}

function volumeProblems(
  service: ComposeService,
  compose: Compose,
  around: Surroundings,
): readonly string[] {
  return service.volumes.flatMap((volume) => {
    const source = volume.split(':', 1)[0] ?? '';
    const isThere = source.startsWith('./') ? around.exists(source) : source in compose.volumes;
    return isThere ? [] : [`there is no ${source}`];
  });
}

function dependencyProblems(service: ComposeService, compose: Compose): readonly string[] {
  return Object.entries(service.depends_on).flatMap(([name, { condition }]) => {
    const other = compose.services[name];
    if (other === undefined) return [`depends on ${name}, which does not exist`];
    const isUnsaid = condition === 'service_healthy' && other.healthcheck === undefined;
    return isUnsaid ? [`waits for ${name}, which never says that it is healthy`] : [];
  });
}
