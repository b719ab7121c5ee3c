import { useState } from 'preact/hooks';

import type { Entry, KpiValue } from '../data/answers.ts';
import {
  ageText,
  dateTimeText,
  intervalText,
  number,
  unitText,
  valueText,
} from '../data/format.ts';
import { totalOf } from '../data/live-values.ts';
import type { Live } from '../data/use-live.ts';
import { Comparisons } from './comparisons.tsx';
import { KpiMembers } from './kpi-members.tsx';

export interface DetailsOptions {
  readonly entry: Entry;
  readonly live: Live;
  readonly window: string;
  readonly windowMs: number;
  readonly points: readonly KpiValue[];
}

/** What the number means, its variants, its sources, and its history as a table. Made only once it is opened. */
export function Details(options: DetailsOptions) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Definition, variants, history<span class="unseen"> of {options.entry.title}</span>
      </summary>
      {isOpen && <Content {...options} />}
    </details>
  );
}

function Content(options: DetailsOptions) {
  const { entry, live, window, windowMs, points } = options;
  const total = totalOf(live.values, { entry, id: entry.id, windowMs });
  return (
    <div class="details">
      <p>{entry.description}</p>
      <p class="formula">{entry.formula}</p>
      <ul>
        {entry.rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
      <Comparisons id={entry.id} window={window} />
      {entry.variants.length > 1 && <Variants entry={entry} live={live} windowMs={windowMs} />}
      <Sources value={total} live={live} />
      <KpiMembers id={entry.id} title={entry.title} window={window} />
      <dl>
        <dt>Id</dt>
        <dd>
          <code>{entry.id}</code>, definition {entry.definition_version} (
          <a href={`/docs/kpis#${entry.id}`}>reference</a>)
        </dd>
        <dt>Events</dt>
        <dd>{entry.events.join(', ')}</dd>
        {total !== undefined && (
          <>
            <dt>Resolution</dt>
            <dd>{number(total.window.resolution_ms / 60_000, 0)} min</dd>
            <dt>Revision</dt>
            <dd>{number(total.revision, 0)} of this window</dd>
          </>
        )}
      </dl>
      <Table entry={entry} points={points} />
    </div>
  );
}

/** Other readings of the same facts. */
function Variants({ entry, live, windowMs }: Pick<DetailsOptions, 'entry' | 'live' | 'windowMs'>) {
  return (
    <table>
      <caption>Variants</caption>
      <tbody>
        {entry.variants.map(({ id, title }) => {
          const value = totalOf(live.values, { entry, id, windowMs });
          return (
            <tr key={id}>
              <th scope="row" title={id}>
                {title}
              </th>
              <td>{value === undefined ? '–' : valueText(value.value, value.unit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Sources({ value, live }: { readonly value: KpiValue | undefined; readonly live: Live }) {
  const sources = Object.entries(value?.sources ?? {});
  if (sources.length === 0) return null;
  const now = Date.parse(live.status?.at ?? value?.as_of ?? '');
  return (
    <table>
      <caption>Sources</caption>
      <tbody>
        {sources.map(([name, at]) => {
          const last = live.status?.sources[name] ?? at;
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td title={last}>{ageText(now - Date.parse(last))}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Rows of a table that somebody reads. */
const ROWS_MAX = 20;

function Table({ entry, points }: Pick<DetailsOptions, 'entry' | 'points'>) {
  if (points.length === 0) return null;
  return (
    <table>
      <caption>History{unitText(entry.unit) === '' ? '' : `, ${unitText(entry.unit)}`}</caption>
      <thead>
        <tr>
          <th scope="col">As of</th>
          <th scope="col">Value</th>
          <th scope="col">Interval</th>
          <th scope="col">n</th>
        </tr>
      </thead>
      <tbody>
        {points
          .slice(-ROWS_MAX)
          .toReversed()
          .map((point) => (
            <tr key={point.as_of}>
              <th scope="row">{dateTimeText(point.as_of)}</th>
              <td>{valueText(point.value, point.unit)}</td>
              <td>{intervalText(point)}</td>
              <td>{point.n === null ? '' : number(point.n, 0)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
