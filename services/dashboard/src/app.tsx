import { useEffect, useMemo, useState } from 'preact/hooks';

import type { Catalogue, Entry, Status } from './data/answers.ts';
import { chooseTenant, chosenTenant } from './data/client.ts';
import { timeZoneText } from './data/format.ts';
import { useAnswer } from './data/use-answer.ts';
import { useLive, withRecorded } from './data/use-live.ts';
import { useRecorded } from './data/use-recorded.ts';
import { effectiveWindow } from './data/windows.ts';
import { Header } from './parts/header.tsx';
import { HealthPage } from './parts/health-page.tsx';
import { KeyForm } from './parts/key-form.tsx';
import { KpiPage } from './parts/kpi-page.tsx';
import { TrainingPage } from './parts/training-page.tsx';
import { useSelection } from './use-selection.ts';

const CATALOGUE_MS = 300_000;
const TENANTS_MS = 60_000;
const NO_KPIS: readonly Entry[] = [];
/** Pages besides that of the KPIs, as windows are named. */
const TITLES: Readonly<Record<string, string>> = {
  '/health': 'Health – KPI Stream',
  '/training': 'Training effect – KPI Stream',
};

/** The page: a header that tells how the connection is, and one of three contents. */
export function App() {
  const [path, go] = usePath();
  const { answer: catalogue, refusal } = useAnswer<Catalogue>('/v1/kpis', {
    everyMs: CATALOGUE_MS,
  });
  const { answer: status } = useAnswer<Status>('/v1/status', { everyMs: TENANTS_MS });
  const [selection, select] = useSelection();
  const kpis = catalogue?.kpis;
  const query = useMemo(() => {
    if (kpis === undefined) return undefined;
    const windows = kpis
      .filter((kpi) => kpi.served_from === 'live')
      .map((kpi) => effectiveWindow(kpi, selection.window));
    return new URLSearchParams({
      window: [...new Set(windows)].join(','),
      by: selection.split,
      snapshot: 'true',
    }).toString();
  }, [kpis, selection]);
  const streamed = useLive(query);
  const recorded = useRecorded(kpis ?? NO_KPIS, selection);
  const live = useMemo(() => withRecorded(streamed, recorded), [streamed, recorded]);
  const trouble = refusal ?? live.refusal;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header
        path={path}
        go={go}
        connection={live.connection}
        tenants={status?.tenants ?? []}
        tenant={chosenTenant()}
        onTenant={(tenant) => {
          chooseTenant(tenant);
          location.reload();
        }}
      />
      <main id="content" tabIndex={-1}>
        {trouble?.needsKey === true && <KeyForm />}
        {path === '/health' && <HealthPage />}
        {path === '/training' && <TrainingPage />}
        {!(path in TITLES) && (
          <KpiPage
            catalogue={catalogue}
            live={live}
            trouble={trouble}
            selection={selection}
            select={select}
          />
        )}
      </main>
      <footer>
        <p>
          Intervals are at 95&nbsp;%. Times are in {timeZoneText(new Date())}.
          {path !== '/training' && ' Windows roll: they end now and move on.'}
        </p>
        <nav aria-label="Reference">
          <a href="/docs">API reference</a>
          <a href="/openapi.json">OpenAPI</a>
          <a href="/metrics">Metrics</a>
        </nav>
      </footer>
    </>
  );
}

/** Where the page is, and how to go elsewhere in it without loading it again. */
function usePath(): readonly [string, (path: string) => void] {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const onBack = (): void => setPath(location.pathname);
    globalThis.addEventListener('popstate', onBack);
    return () => globalThis.removeEventListener('popstate', onBack);
  }, []);
  const go = (to: string): void => {
    history.pushState(null, '', to);
    setPath(to.split('?', 1)[0] ?? '/');
    scrollTo(0, 0);
  };
  useEffect(() => {
    document.title = TITLES[path] ?? 'KPI Stream';
  }, [path]);
  return [path, go];
}
