import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import type { Health } from '../data/answers.ts';
import { ageText, lengthText, number, timeText } from '../data/format.ts';
import { useAnswer } from '../data/use-answer.ts';
import {
  DeadLetters,
  Engines,
  Partitions,
  Processes,
  SourceTable,
  Verify,
} from './health-tables.tsx';
import { Pulse } from './pulse.tsx';

const HEALTH_MS = 2_000;
/** Two minutes of readings. */
const READINGS_MAX = 60;

/** How the pipeline is: throughput, lag, freshness, refusals, proof, and who runs. */
export function HealthPage() {
  const { answer: health, refusal } = useAnswer<Health>('/v1/health', { everyMs: HEALTH_MS });
  const readings = useReadings(health);
  return (
    <>
      <div class="intro">
        <h1>Health of the pipeline</h1>
        {health !== undefined && (
          <p class="quiet">
            as of <time dateTime={health.at}>{timeText(health.at)}</time>
          </p>
        )}
      </div>
      {refusal !== undefined && !refusal.needsKey && (
        <p class="notice" role="alert">
          {refusal.message} What follows is what was known last.
        </p>
      )}
      {health === undefined ? (
        <p class="quiet">Asking services and engines</p>
      ) : (
        <>
          <Verdict health={health} />
          <Tiles health={health} readings={readings} />
          <div class="columns">
            <Partitions lag={health.lag} />
            <SourceTable sources={health.sources} at={health.at} />
            <div class="stack">
              <Engines engines={health.engines} />
              <Verify verify={health.verify} at={health.at} />
            </div>
            <Processes processes={health.processes} at={health.at} />
            <DeadLetters letters={health.dead_letters} at={health.at} />
          </div>
        </>
      )}
    </>
  );
}

/** The rates of the last two minutes, as far as this page has seen them. */
function useReadings(health: Health | undefined): readonly number[] {
  const [readings, setReadings] = useState<readonly number[]>([]);
  const at = health?.at;
  useEffect(() => {
    if (health === undefined) return;
    setReadings((known) => [...known, health.events.per_second].slice(-READINGS_MAX));
  }, [at]);
  return readings;
}

function Verdict({ health }: { readonly health: Health }) {
  const { problems, status } = health;
  if (status === 'ok')
    return (
      <p class="verdict" data-status="ok" role="status">
        <strong>All is well.</strong> Every engine answers, every service makes progress.
      </p>
    );
  return (
    <div class="verdict" data-status="degraded" role="status">
      <strong>{problems.length === 1 ? 'One problem' : `${problems.length} problems`}</strong>
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </div>
  );
}

function Tiles(options: { readonly health: Health; readonly readings: readonly number[] }) {
  const { health, readings } = options;
  const { events, lag, dead_letters: letters, verify, live, at } = health;
  const now = Date.parse(at);
  const published = live.published_at === null ? undefined : now - Date.parse(live.published_at);
  return (
    <dl class="tiles">
      <Tile
        name="Events per second"
        value={number(events.per_second, events.per_second < 10 ? 1 : 0)}
      >
        <Pulse readings={readings} />
      </Tile>
      <Tile name="Not yet live" value={lag === null ? '–' : number(lag.aggregate, 0)}>
        {lag === null ? 'unknown' : 'events in the log, not in the numbers'}
      </Tile>
      <Tile name="Not yet in history" value={lag === null ? '–' : number(lag.archive, 0)}>
        {lag === null ? 'unknown' : 'events in the log, not in ClickHouse'}
      </Tile>
      <Tile name="Values published" value={published === undefined ? '–' : ageText(published)}>
        live store read {ageText(now - Date.parse(live.fresh_at))}
      </Tile>
      <Tile name="Dead letters" value={letters.kept === null ? '–' : number(letters.kept, 0)}>
        {letters.kept === 0 ? 'nothing was refused' : 'refused events, kept whole'}
      </Tile>
      <Tile
        name="Last verification"
        value={verify === null ? 'never' : verify.clean ? 'equal' : 'differs'}
      >
        {verify === null ? 'run kpi verify' : `${lengthText(now - Date.parse(verify.at))} ago`}
      </Tile>
    </dl>
  );
}

function Tile(options: {
  readonly name: string;
  readonly value: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="tile">
      <dt>{options.name}</dt>
      <dd class="tile-value">{options.value}</dd>
      <dd class="tile-note">{options.children}</dd>
    </div>
  );
}
