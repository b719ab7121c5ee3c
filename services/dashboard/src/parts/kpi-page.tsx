import { useMemo } from 'preact/hooks';

import type { Catalogue, Entry, Status } from '../data/answers.ts';
import { type Refusal, chosenTenant } from '../data/client.ts';
import { exampleCommand } from '../data/example.ts';
import { ageText, dimensionText, number, windowText } from '../data/format.ts';
import type { Live } from '../data/use-live.ts';
import { allDimensions, allWindows } from '../data/windows.ts';
import type { Selection } from '../use-selection.ts';
import { KpiCard } from './kpi-card.tsx';

export interface KpiPageOptions {
  readonly catalogue: Catalogue | undefined;
  readonly live: Live;
  readonly trouble: Refusal | undefined;
  readonly selection: Selection;
  readonly select: (change: Partial<Selection>) => void;
}

const ID_CHARS = 6;

export function KpiPage(options: KpiPageOptions) {
  const { catalogue, live, trouble, selection, select } = options;
  const kpis = catalogue?.kpis ?? [];
  return (
    <>
      <div class="intro">
        <h1>Customer education and onboarding</h1>
        <Facts status={live.status} />
      </div>
      {trouble !== undefined && !trouble.needsKey && (
        <p class="notice" role="alert">
          {trouble.message} The numbers below stay as they were; the connection is made again by
          itself.
        </p>
      )}
      <div class="toolbar">
        <WindowSwitch kpis={kpis} selection={selection} select={select} />
        <label class="field">
          <span>Split by</span>
          <select
            value={selection.split}
            onChange={({ currentTarget }) => select({ split: currentTarget.value })}
          >
            <option value="">nothing</option>
            {allDimensions(kpis).map((name) => (
              <option key={name} value={name}>
                {dimensionText(name)}
              </option>
            ))}
          </select>
        </label>
        <Sources status={live.status} />
      </div>
      <section class="grid" aria-label="KPIs" aria-busy={!live.isComplete}>
        {kpis.map((entry) => (
          <KpiCard key={entry.id} entry={entry} live={live} selection={selection} />
        ))}
        {catalogue === undefined && <p class="quiet">Reading the catalogue of KPIs</p>}
      </section>
      <Example />
    </>
  );
}

function WindowSwitch(options: {
  readonly kpis: readonly Entry[];
  readonly selection: Selection;
  readonly select: (change: Partial<Selection>) => void;
}) {
  const { kpis, selection, select } = options;
  const shared = kpis[0]?.default_window ?? '';
  const chosen = selection.window === '' ? shared : selection.window;
  return (
    <fieldset class="segments">
      <legend>Window</legend>
      {allWindows(kpis).map((window) => (
        <label key={window}>
          <input
            type="radio"
            name="window"
            value={window}
            checked={window === chosen}
            onChange={() => select({ window })}
          />
          {windowText(window)}
        </label>
      ))}
    </fieldset>
  );
}

function Facts({ status }: { readonly status: Status | undefined }) {
  const rate = status?.events_per_second ?? 0;
  return (
    <dl class="facts" aria-label="The pipeline">
      <div>
        <dt>Events per second</dt>
        <dd>{status === undefined ? '–' : number(rate, rate < 10 ? 1 : 0)}</dd>
      </div>
      <div>
        <dt>Events counted</dt>
        <dd>{status === undefined ? '–' : number(status.events_counted, 0)}</dd>
      </div>
    </dl>
  );
}

/** The last event of each source, so that a number that does not move can be told from a source that is silent. */
function Sources({ status }: { readonly status: Status | undefined }) {
  if (status === undefined) return null;
  const now = Date.parse(status.at);
  const sources = Object.entries(status.sources).toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <ul class="sources" aria-label="Last event of each source">
      {sources.map(([name, at]) => (
        <li key={name}>
          <span class="source">{name}</span> {ageText(now - Date.parse(at))}
        </li>
      ))}
      {sources.length === 0 && <li>No source has sent anything yet</li>}
    </ul>
  );
}

function Example() {
  const command = useMemo(
    () =>
      exampleCommand({
        origin: location.origin,
        now: new Date(),
        id: `try-${crypto.randomUUID().slice(0, ID_CHARS)}`,
        tenant: chosenTenant(),
      }),
    [],
  );
  return (
    <section class="example" aria-labelledby="example-title">
      <div>
        <h2 id="example-title">Send an event, see it here</h2>
        <p>
          Anything that can send JSON is a source. The answer says what was accepted, and customer
          satisfaction above moves within a second. Sending the same <code>event_id</code> again
          changes nothing.
        </p>
        <p>
          <a href="/docs">All events and questions in the API reference</a>
        </p>
      </div>
      {/* It can be focused because it scrolls sideways, also for the keyboard. */}
      <pre tabIndex={0} role="region" aria-label="Command that sends an event">
        <code>{command}</code>
      </pre>
    </section>
  );
}
