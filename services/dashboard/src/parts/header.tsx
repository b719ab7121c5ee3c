import { useState } from 'preact/hooks';

import { timeText } from '../data/format.ts';
import type { Connection } from '../data/use-live.ts';

export interface HeaderOptions {
  readonly path: string;
  readonly go: (path: string) => void;
  readonly connection: Connection;
  readonly tenants: readonly string[];
  readonly tenant: string | undefined;
  readonly onTenant: (tenant: string) => void;
}

/** Path, name, and what more of the name there is room for on a wide screen. */
const PAGES = [
  ['/', 'KPIs', ''],
  ['/training', 'Training', ' effect'],
  ['/health', 'Health', ''],
] as const;

export function Header(options: HeaderOptions) {
  const { path, go, connection, tenants, tenant, onTenant } = options;
  return (
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href="/" onClick={(event) => stay(event, () => go('/'))}>
          <img src="/icon.svg" alt="" width="26" height="26" />
          <span>KPI Stream</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.map(([to, name, more]) => (
            <a
              key={to}
              href={to}
              aria-current={path === to ? 'page' : undefined}
              onClick={(event) => stay(event, () => go(to))}
            >
              {name}
              {more !== '' && <span class="nav-more">{more}</span>}
            </a>
          ))}
        </nav>
        <div class="bar-end">
          {tenants.length > 1 && (
            <TenantSwitch tenants={tenants} tenant={tenant} onTenant={onTenant} />
          )}
          <ConnectionState connection={connection} />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}

/** Follow a link inside the page; with a modifier key the browser does what it always does. */
function stay(event: MouseEvent, go: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go();
}

function ConnectionState({ connection }: { readonly connection: Connection }) {
  const [text, title] = connectionText(connection);
  return (
    <p class="connection" data-state={connection.kind} role="status" title={title}>
      {text}
    </p>
  );
}

function connectionText(connection: Connection): readonly [string, string] {
  switch (connection.kind) {
    case 'connecting':
      return ['Connecting', 'The first numbers are on their way.'];
    case 'live':
      return ['Live', 'Values change as events arrive.'];
    case 'stale':
      return [
        `Stale since ${timeText(new Date(connection.since).toISOString())}`,
        'The server answers, but its numbers do not follow the events.',
      ];
    case 'reconnecting':
      return [
        connection.since === undefined
          ? 'Reconnecting'
          : `Reconnecting, numbers of ${timeText(new Date(connection.since).toISOString())}`,
        'The connection is lost and being made again. Nothing will be missing.',
      ];
  }
}

function TenantSwitch(options: Pick<HeaderOptions, 'tenants' | 'tenant' | 'onTenant'>) {
  const { tenants, tenant, onTenant } = options;
  return (
    <label class="field">
      <span>Tenant</span>
      <select
        value={tenant ?? 'default'}
        onChange={({ currentTarget }) => onTenant(currentTarget.value)}
      >
        {[...new Set(['default', ...tenants])].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

const THEMES = { system: 'light', light: 'dark', dark: 'system' } as const;
type Theme = keyof typeof THEMES;
const THEME = 'kpi-theme';

function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = localStorage.getItem(THEME);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  });
  const choose = (next: Theme): void => {
    setTheme(next);
    if (next === 'system') {
      localStorage.removeItem(THEME);
      delete document.documentElement.dataset['theme'];
    } else {
      localStorage.setItem(THEME, next);
      document.documentElement.dataset['theme'] = next;
    }
  };
  const label = `Colours: ${theme}. Change to ${THEMES[theme]}`;
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      onClick={() => choose(THEMES[theme])}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <ThemeShape theme={theme} />
      </svg>
    </button>
  );
}

function ThemeShape({ theme }: { readonly theme: Theme }) {
  if (theme === 'dark') return <path d="M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8Z" />;
  return (
    <>
      <circle cx="10" cy="10" r={theme === 'light' ? 4 : 6.5} />
      {theme === 'light' ? (
        <path d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4" />
      ) : (
        <path class="filled" d="M10 3.5a6.5 6.5 0 0 1 0 13Z" />
      )}
    </>
  );
}
