import { readFileSync } from 'node:fs';

/** The commented file of all defaults, to start one's own from. */
export function defaultFile(): string {
  return readFileSync(new URL('../default.yaml', import.meta.url), 'utf8');
}
