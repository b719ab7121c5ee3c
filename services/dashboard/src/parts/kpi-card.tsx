import type { Entry, History, KpiValue } from '../data/answers.ts';
import { HISTORY_DEADLINE_MS } from '../data/client.ts';
import { type Comparison, compare } from '../data/compare.ts';
import {
  ageText,
  basisText,
  dateTimeText,
  headline,
  intervalText,
  timeText,
  unitText,
  windowText,
} from '../data/format.ts';
import { groupsOf, totalOf } from '../data/live-values.ts';
import { plainNotes, statusText } from '../data/notes.ts';
import { trendQuery, windowMs } from '../data/trend-axis.ts';
import { type Answered, useAnswer } from '../data/use-answer.ts';
import type { Live } from '../data/use-live.ts';
import { effectiveWindow } from '../data/windows.ts';
import type { Selection } from '../use-selection.ts';
import { ChangingNumber } from './changing-number.tsx';
import { Groups } from './groups.tsx';
import { Details } from './kpi-details.tsx';
import { Trend } from './trend.tsx';

const TREND_MS = 60_000;
/** The window before does not change any more, unless late events revise it. */
const BEFORE_MS = 120_000;

export interface KpiCardOptions {
  readonly entry: Entry;
  readonly live: Live;
  readonly selection: Selection;
}

/** One KPI: what it is now, how sure that is, how it came about, and what stands behind it. */
export function KpiCard({ entry, live, selection }: KpiCardOptions) {
  const window = effectiveWindow(entry, selection.window);
  const lengthMs = windowMs(window);
  const value = totalOf(live.values, { entry, id: entry.id, windowMs: lengthMs });
  const trend = useTrend(entry, window);
  const before = useBefore(entry, window, value);
  const isWaiting = entry.served_from === 'live' ? !live.isComplete : !live.isRecorded;
  const titleId = `title-${entry.id}`;
  return (
    <article class="card" aria-labelledby={titleId} data-kpi={entry.id}>
      <header>
        <h2 id={titleId}>{entry.title}</h2>
        <StatusMark value={value} isWaiting={isWaiting} />
      </header>
      <Figure
        value={value}
        isWaiting={isWaiting}
        window={window}
        before={before.answer?.points[0]}
      />
      <Trend
        title={entry.title}
        points={withNow(trend.answer?.points ?? [], value)}
        failure={trend.refusal?.message}
        isRead={trend.answer !== undefined}
      />
      <Notes value={value} status={live.status?.at} />
      {selection.split !== '' && (
        <Groups
          dimension={selection.split}
          isKnown={entry.dimensions.includes(selection.split)}
          groups={groupsOf(live.values, { entry, windowMs: lengthMs, dimension: selection.split })}
        />
      )}
      <Details
        entry={entry}
        live={live}
        window={window}
        windowMs={lengthMs}
        points={trend.answer?.points ?? []}
      />
      {selection.window !== '' && window !== selection.window && (
        <p class="quiet">
          Not kept for {windowText(selection.window)}; shown for {windowText(window)}.
        </p>
      )}
      <Freshness value={value} live={live} />
    </article>
  );
}

function useTrend(entry: Entry, window: string): Answered<History> {
  const query = trendQuery(window, Date.now());
  return useAnswer<History>(`/v1/kpis/${entry.id}/history?${query}`, {
    everyMs: TREND_MS,
    deadlineMs: HISTORY_DEADLINE_MS,
  });
}

/** The value of the window that ended where this one begins. */
function useBefore(entry: Entry, window: string, value: KpiValue | undefined): Answered<History> {
  const query = new URLSearchParams({ window, as_of: value?.window.from ?? '' });
  const path =
    value === undefined || value.value === null
      ? undefined
      : `/v1/kpis/${entry.id}/history?${query}`;
  return useAnswer<History>(path, { everyMs: BEFORE_MS, deadlineMs: HISTORY_DEADLINE_MS });
}

/** The trend up to this moment. */
function withNow(points: readonly KpiValue[], now: KpiValue | undefined): readonly KpiValue[] {
  return now === undefined || points.length === 0 ? points : [...points, now];
}

function StatusMark(options: {
  readonly value: KpiValue | undefined;
  readonly isWaiting: boolean;
}) {
  const { value, isWaiting } = options;
  if (value === undefined)
    return <span class="status">{isWaiting ? 'Reading' : statusText('no_data')}</span>;
  return (
    <span class="status" data-status={value.status}>
      {statusText(value.status)}
    </span>
  );
}

function Figure(options: {
  readonly value: KpiValue | undefined;
  readonly isWaiting: boolean;
  readonly window: string;
  readonly before: KpiValue | undefined;
}) {
  const { value, isWaiting, window, before } = options;
  if (value === undefined && isWaiting)
    return (
      <div class="figure">
        <p class="value is-empty">–</p>
      </div>
    );
  if (value?.value === null && value.status === 'immature')
    return (
      <div class="figure">
        <p class="value is-empty">Not reached yet</p>
        <p class="basis">{basisText(value)} so far</p>
      </div>
    );
  if (value === undefined || value.value === null)
    return (
      <div class="figure">
        <p class="value is-empty">No data yet</p>
        <p class="basis">It appears with the first events that count.</p>
      </div>
    );
  const interval = intervalText(value);
  return (
    <div class="figure">
      <p class="value">
        <ChangingNumber text={headline(value)} />
        <span class="unit">{unitText(value.unit)}</span>
      </p>
      <Change comparison={compare(value, before)} window={window} />
      <p class="basis">
        {interval !== '' && (
          <span>
            <abbr title="95 % interval: where the true value lies, as far as chance goes">
              Interval
            </abbr>{' '}
            {interval}
          </span>
        )}
        <span>{basisText(value)}</span>
      </p>
    </div>
  );
}

const ARROWS = { up: '\u25B2', down: '\u25BC', same: '' } as const;
const WORDS = { up: 'up', down: 'down', same: '' } as const;

function Change(options: { readonly comparison: Comparison; readonly window: string }) {
  const { comparison, window } = options;
  if (comparison.kind === 'none') return <p class="change is-none">{comparison.reason}</p>;
  const { direction, text } = comparison;
  return (
    <p class="change">
      <span class="amount">
        <span aria-hidden="true">{ARROWS[direction]} </span>
        <span class="unseen">{WORDS[direction]} </span>
        {text}
      </span>{' '}
      vs previous {windowText(window)}
    </p>
  );
}

function Notes(options: {
  readonly value: KpiValue | undefined;
  readonly status: string | undefined;
}) {
  const { value, status } = options;
  if (value === undefined) return null;
  const notes = plainNotes(value, Date.parse(status ?? value.as_of));
  if (notes.length === 0) return null;
  return (
    <ul class="notes" data-status={value.status}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

/** Of which window and moment the value is, and when its sources last spoke. A value that did not change is confirmed by the stream. */
function Freshness({ value, live }: { readonly value: KpiValue | undefined; readonly live: Live }) {
  if (value === undefined) return null;
  const { status, connection } = live;
  const isConfirmed = connection.kind === 'live' && status !== undefined;
  const asOf = isConfirmed ? status.fresh_at : value.as_of;
  const known = Object.keys(value.sources).map(
    (name) => status?.sources[name] ?? value.sources[name],
  );
  const last = Math.max(...known.map((at) => Date.parse(at ?? '')));
  return (
    <p class="freshness">
      <span>
        {dateTimeText(value.window.from)} – {dateTimeText(value.window.to)}
      </span>
      <span>
        as of <time dateTime={asOf}>{timeText(asOf)}</time>
        {Number.isFinite(last) && `, last event ${ageText(Date.parse(asOf) - last)}`}
      </span>
    </p>
  );
}
