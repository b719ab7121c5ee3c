import { type LogService } from './progress.ts';
import { type Rates } from './report.ts';

/** One measurement: so many processes of a service on so many accounts. */
export interface ScaleCase {
  readonly service: LogService;
  readonly processes: number;
  readonly accounts: number;
  readonly topology: 'plain' | 'redis' | 'brokers' | 'both';
}

export interface ScaleResult extends ScaleCase {
  readonly running: Rates;
  readonly firstProgressSeconds: number;
  /** Of the largest process. */
  readonly peakMiB: number;
  readonly isRight: boolean;
}

/** The first two lines of the table, as Markdown. */
export const SCALE_TABLE_HEAD = [
  '| service | processes | accounts | engines | events/s | CPU service | CPU Redis | CPU broker | CPU ClickHouse | peak MiB | right |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
].join('\n');

/** CPU in seconds per million events, of all processes together. */
export function scaleTableRow(result: ScaleResult): string {
  const { eventsPerSecond, cpuSecondsPerMillion: cpu } = result.running;
  const cells = [
    result.service,
    result.processes,
    result.accounts,
    result.topology,
    eventsPerSecond,
    cpu.service,
    cpu.redis,
    cpu.broker,
    cpu.clickhouse,
    result.peakMiB,
    result.isRight ? 'yes' : 'NO',
  ];
  return `| ${cells.map((cell) => String(cell ?? '–')).join(' | ')} |`;
}
