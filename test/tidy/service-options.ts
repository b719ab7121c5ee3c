import { ENGINE_OPTIONS, readConfig } from '@kpi/runtime';
import { z } from 'zod';

import { type ServiceOptions } from './compose.ts';
import { ROOT } from './repository.ts';

/**
 * The options that `src/options.ts` of a service declares, as zod objects or as records to be spread into one. The command
 * line reaches the engines with the options that all services share.
 */
export async function readServiceOptions(folder: string): Promise<ServiceOptions> {
  const module: unknown = await import(`${ROOT}${folder}/src/options.ts`);
  const declared = Object.values(z.record(z.string(), z.unknown()).parse({ ...Object(module) }));
  const shapes = declared.flatMap((value) => {
    if (value instanceof z.ZodObject) return [value.shape];
    return isShape(value) ? [value] : [];
  });
  const options = z.object(Object.assign({}, ENGINE_OPTIONS, ...shapes));
  return {
    names: new Set(Object.keys(options.shape)),
    check: (environment) => void readConfig(options, environment),
  };
}

function isShape(value: unknown): value is Readonly<Record<string, z.ZodType>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).length > 0 &&
    Object.values(value).every((one) => one instanceof z.ZodType)
  );
}
