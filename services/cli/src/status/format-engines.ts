import { formatAge } from '../format-age.ts';
import { formatCount, formatTable } from '../output.ts';
import type { EngineStatus } from './read-status.ts';

/** What the engines themselves say while the API does not answer. */
export function formatEngineStatus(
  { processes, lag, deadLetters, at }: EngineStatus,
  reason: string,
): string {
  const running =
    processes.length === 0
      ? 'No process has announced itself.'
      : formatTable({
          head: ['service', 'state', 'up for', 'version', 'process', 'reason'],
          rows: processes.map((one) => [
            one.service,
            one.is_ready ? 'ready' : 'NOT READY',
            formatAge(at - one.started_at),
            one.version,
            one.instance,
            one.reason ?? '',
          ]),
        });
  const partitions = formatTable({
    head: ['partition', 'not yet live', 'not yet in history'],
    right: [0, 1, 2],
    rows: lag.map(({ partition, live, history }) => [
      String(partition),
      formatCount(live),
      formatCount(history),
    ]),
  });
  return [
    `  ! ${reason}`,
    'What Kafka and Redis say themselves:',
    running,
    partitions,
    `Dead letters: ${formatCount(deadLetters)}`,
  ].join('\n\n');
}
