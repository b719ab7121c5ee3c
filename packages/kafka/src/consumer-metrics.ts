import { type Fault } from '@kpi/core';
import { Counter, type Clock, type Metrics, type Obstacle, watchGauge } from '@kpi/runtime';

/** What a consumer tells whoever counts. All of it is rare: nothing here is called once per record. */
export interface ConsumerObserver {
  /** A stretch, or the opening of a partition, failed for a reason that passes and will be tried again. */
  onRetry(fault: Fault): void;
  /** A topic is left out of fetches because enough of it waits. */
  onPaused(topic: string): void;
  /** A partition was opened: its task has claimed it. */
  onClaimed(): void;
  /** Another owner took a partition that this member still had. */
  onDisplaced(): void;
}

/** One partition of one topic: how far it is behind, and where its log begins and ends. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly start: number;
  readonly end: number;
}

/** What is read from a consumer whenever metrics are. */
interface Consuming {
  lag(): readonly Place[];
  lastProgressAt(): number;
  obstacle(): Obstacle | undefined;
}

export interface ConsumerMetrics {
  readonly observer: ConsumerObserver;
  /** Report how far `consumer` is whenever metrics are read. */
  watch(consumer: Consuming, clock: Clock): void;
}

/** Telemetry of a consumer of the log, `kpi_<service>_…`. Labels: topics, partition numbers and fault codes. */
export function createConsumerMetrics(registry: Metrics, service: string): ConsumerMetrics {
  const registers = [registry];
  const name = (noun: string): string => `kpi_${service}_${noun}`;
  const retries = new Counter({
    name: name('retries_total'),
    help: 'Stretches and openings that failed for a reason that passes, by fault code.',
    labelNames: ['code'],
    registers,
  });
  const pauses = new Counter({
    name: name('pauses_total'),
    help: 'Times a topic was left out of fetches because enough of it waited (backpressure).',
    labelNames: ['topic'],
    registers,
  });
  const claims = new Counter({
    name: name('claims_total'),
    help: 'Partitions claimed.',
    registers,
  });
  const fences = new Counter({
    name: name('fences_total'),
    help: 'Partitions lost to another owner while still assigned.',
    registers,
  });
  return {
    observer: {
      onRetry: ({ code }) => retries.inc({ code }),
      onPaused: (topic) => pauses.inc({ topic }),
      onClaimed: () => claims.inc(),
      onDisplaced: () => fences.inc(),
    },
    watch(consumer, clock) {
      watchPartitions(name, registry, consumer);
      watchProgress(name, registry, { consumer, clock });
    },
  };
}

type Naming = (noun: string) => string;

/** Partitions that went to another member vanish: two members that both report one would double its lag. */
function watchPartitions(name: Naming, registry: Metrics, consumer: Consuming): void {
  const watch = (noun: string, help: string, read: (place: Place) => number): void =>
    watchGauge(registry, {
      name: name(noun),
      help,
      labelNames: ['topic', 'partition'],
      read: () =>
        consumer.lag().map((place) => ({
          labels: { topic: place.topic, partition: String(place.partition) },
          value: read(place),
        })),
    });
  watch('lag_events', 'Records of the log not yet applied.', ({ lag }) => lag);
  watch(
    'retained_events',
    'Records between the start and the end of the log: what lag must stay below.',
    ({ start, end }) => end - start,
  );
  watch(
    'log_start_offset',
    'Offset of the oldest record that retention has left; 0 while nothing was deleted.',
    ({ start }) => start,
  );
}

function watchProgress(
  name: Naming,
  registry: Metrics,
  { consumer, clock }: { readonly consumer: Consuming; readonly clock: Clock },
): void {
  watchGauge(registry, {
    name: name('quiet_seconds'),
    help: 'Since a stretch was last applied. Means something only while there is lag.',
    read: () => [{ value: (clock() - consumer.lastProgressAt()) / 1_000 }],
  });
  watchGauge(registry, {
    name: name('partitions'),
    help: 'Partition numbers this process works on.',
    read: () => [{ value: new Set(consumer.lag().map(({ partition }) => partition)).size }],
  });
  watchGauge(registry, {
    name: name('obstacle_seconds'),
    help: 'How long something has kept the work from going on, by fault code; absent while nothing does.',
    labelNames: ['code'],
    read: () => {
      const met = consumer.obstacle();
      if (met === undefined) return [];
      return [{ labels: { code: met.code }, value: (clock() - met.since) / 1_000 }];
    },
  });
}
