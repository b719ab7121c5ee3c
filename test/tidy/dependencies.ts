import { type SourceFile, isTest } from './repository.ts';

/** Lower layers know nothing of higher ones. Two services, or two stores, do not know each other either. */
const LAYERS: readonly (readonly string[])[] = [
  ['@kpi/core', '@kpi/statistics'],
  ['@kpi/runtime', '@kpi/values', '@kpi/comparison', '@kpi/definitions'],
  ['@kpi/kafka', '@kpi/redis', '@kpi/clickhouse', '@kpi/engines'],
  ['@kpi/live', '@kpi/verify'],
  [
    '@kpi/ingest',
    '@kpi/aggregate',
    '@kpi/archive',
    '@kpi/api',
    '@kpi/cli',
    '@kpi/simulator',
    '@kpi/dashboard',
  ],
  ['@kpi/embedded'],
  ['@kpi/test'],
];

/** Each client of an engine, and the one package that imports it: everybody else speaks to that package. */
const CLIENTS: Readonly<Record<string, string>> = {
  kafkajs: '@kpi/kafka',
  ioredis: '@kpi/redis',
  '@clickhouse/client': '@kpi/clickhouse',
  chdb: '@kpi/engines',
  pino: '@kpi/runtime',
  'prom-client': '@kpi/runtime',
};

const IMPORT = /\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g;

/** A file and the package it belongs to. */
export interface PackageFile extends SourceFile {
  readonly owner: string;
}

/** Every import that goes against the direction of the layers, or around the package that owns a client. */
export function findWrongImports(files: readonly PackageFile[]): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap((name) => {
      const reason = reasonAgainst(file, name);
      return reason === undefined ? [] : [`${file.path}: imports ${name}, ${reason}`];
    }),
  );
}

function reasonAgainst(file: PackageFile, name: string): string | undefined {
  const { owner } = file;
  if (isTest(file)) return undefined;
  if (owner === '@kpi/core' && !name.startsWith('.')) return 'but core imports nothing';
  const client = CLIENTS[name];
  if (client !== undefined && client !== owner) return `which belongs to ${client}`;
  if (!name.startsWith('@kpi/') || name === owner) return undefined;
  const [from, to] = [layerOf(owner), layerOf(name)];
  if (from === -1) return `but ${owner} has no layer`;
  if (to === -1) return 'which has no layer';
  return to < from ? undefined : 'which is not below it';
}

/** Layer of a package; `@kpi/test/support/x` is of `@kpi/test`. */
function layerOf(name: string): number {
  return LAYERS.findIndex((layer) =>
    layer.some((one) => name === one || name.startsWith(`${one}/`)),
  );
}

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
