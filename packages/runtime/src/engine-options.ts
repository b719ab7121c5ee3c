import { z } from 'zod';

import { flag } from './config.ts';

/** How every process reaches the engines. Spread into a service's own options. */
export const ENGINE_OPTIONS = {
  KPI_KAFKA_BROKERS: z
    .string()
    .default('127.0.0.1:9092')
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .describe('Kafka brokers, host:port, comma-separated.'),
  KPI_KAFKA_TLS: flag(false).describe('Speak TLS to Kafka.'),
  KPI_KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('SASL mechanism; absent means no authentication.'),
  KPI_KAFKA_USER: z.string().optional().describe('SASL user.'),
  KPI_KAFKA_PASSWORD: z.string().optional().describe('SASL password.'),
  KPI_KAFKA_SESSION_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(300_000)
    .default(6_000)
    .describe(
      "A consumer that is silent for longer loses its partitions to others. Not below the broker's group.min.session.timeout.ms.",
    ),
  KPI_TOPIC_PREFIX: z
    .string()
    .default('')
    .describe('Text before every topic name; separates installations on one cluster.'),
  KPI_REGISTRY_URL: z
    .url()
    .default('http://127.0.0.1:8081')
    .describe('Confluent-compatible schema registry.'),
  KPI_REGISTRY_USER: z.string().optional().describe('Registry user.'),
  KPI_REGISTRY_PASSWORD: z.string().optional().describe('Registry password.'),
  KPI_REDIS_URL: z
    .string()
    .default('redis://127.0.0.1:6379')
    .describe(
      'redis:// or rediss:// URL; several, comma-separated, are the seeds of a Redis Cluster.',
    ),
  KPI_REDIS_PREFIX: z.string().default('kpi').describe('First part of every Redis key.'),
  KPI_CLICKHOUSE_URL: z
    .url()
    .default('http://127.0.0.1:8123')
    .describe('ClickHouse HTTP interface.'),
  KPI_CLICKHOUSE_USER: z.string().optional().describe('ClickHouse user.'),
  KPI_CLICKHOUSE_PASSWORD: z.string().optional().describe('ClickHouse password.'),
  KPI_CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/)
    .default('kpi')
    .describe('ClickHouse database; created by the migrations.'),
  KPI_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(8)
    .describe('Partitions of every input topic. Fixed once topics exist.'),
} as const;

/** What the engine options look like once read. */
export type EngineConfig = z.infer<z.ZodObject<typeof ENGINE_OPTIONS>>;
