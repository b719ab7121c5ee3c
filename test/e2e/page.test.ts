import { type ApiService, apiOptions, start as startApi } from '@kpi/api';
import { HOUR_MS, type KpiEvent, days } from '@kpi/core';
import { createMetrics, readConfig, systemClock } from '@kpi/runtime';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { openBrowser } from '../browser/open-browser.ts';
import { violations, widthOf } from '../browser/page-checks.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { eventJson } from '../support/event-json.ts';
import { createPipeline, until } from '../support/pipeline.ts';
import { trainingScenario } from '../support/training-scenario.ts';

/** The page promises that values move within two seconds; a busy machine may need longer to draw them. */
const MOVES = { timeout: 20_000 };
const PHONES = [
  { width: 390, height: 844 },
  { width: 320, height: 568 },
] as const;

let stage: Stage;
let api: ApiService;
let browser: Browser;
let context: BrowserContext;
/** What went wrong in pages, as a developer would see it. */
let complaints: string[];
let answers = 0;

beforeAll(async () => {
  stage = await createStage(await createPipeline(1));
  await stage.start(['ingest', 'aggregate', 'archive']);
  api = await serve('0');
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await api.close();
  await stage.close();
});

beforeEach(() => {
  complaints = [];
});

afterEach(() => context.close());

function serve(port: string): Promise<ApiService> {
  return startApi(readConfig(apiOptions, { ...stage.environment, KPI_HTTP_PORT: port }), {
    log: stage.pipeline.log,
    metrics: createMetrics(),
    clock: systemClock,
    onFatal: (error) => void stage.failures.push(error),
  });
}

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  context = await browser.newContext(options);
  await context.addInitScript({ content: axe.source });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${api.url}${path}`);
  return page;
}

/** A new answer of a new person, by HTTP as any source would send it. */
async function answer(score: number): Promise<void> {
  answers += 1;
  const response = await fetch(`${stage.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      event_id: `answer-${answers}`,
      event_type: 'survey.response_submitted',
      source: 'page-test',
      occurred_at: new Date(systemClock()).toISOString(),
      account_id: 'acme',
      user_id: `user-${answers}`,
      properties: {
        survey_id: 'pulse',
        instance_id: `instance-${answers}`,
        question_id: 'q1',
        kind: 'csat',
        score,
        scale_min: 1,
        scale_max: 5,
        direction: 'higher_is_better',
      },
    }),
  });
  expect(await response.json()).toMatchObject({ accepted: 1 });
}

function csat(page: Page) {
  return page.locator('[data-kpi="csat_score"]');
}

const UNGUARDED = { bypassCSP: true } as const;

test('every KPI of the catalogue is shown, also before the first event', async () => {
  const page = await open('/');
  await page.getByText('Live', { exact: true }).waitFor(MOVES);
  const titles = await page.locator('.card h2').allInnerTexts();
  expect(titles).toContain('Customer satisfaction (CSAT)');
  expect(titles.length).toBeGreaterThanOrEqual(5);
  await csat(page).locator('.value', { hasText: 'No data yet' }).waitFor(MOVES);
  expect(complaints).toEqual([]);
});

test('a value appears and moves as events are posted, with its interval, its counts, its status and its groups', async () => {
  const page = await open('/?window=28d&split=survey');
  await page.getByText('Live', { exact: true }).waitFor(MOVES);
  await answer(5);
  await csat(page).getByText('100.0%').first().waitFor(MOVES);
  await answer(1);
  await csat(page).locator('.number', { hasText: '50.0%' }).waitFor(MOVES);
  const text = await csat(page).innerText();
  expect(text).toContain('1 of 2');
  expect(text).toContain('Few units');
  expect(text).toContain('Only 2 units are behind this value');
  expect(text).toMatch(/Interval [\d.]+% to [\d.]+%/);
  expect(await csat(page).locator('.groups tbody tr').allInnerTexts()).toEqual([
    expect.stringMatching(/^pulse\s+50.0%/),
  ]);
  await csat(page).locator('summary').click();
  const compared = csat(page).locator('[data-compared] tbody tr');
  await compared.nth(1).waitFor(MOVES);
  expect(await compared.allInnerTexts()).toEqual([
    expect.stringMatching(/^The window before, until .+–.*0\s+not comparable$/s),
    expect.stringMatching(/^A year ago, until .+–.*0\s+not comparable$/s),
  ]);
  await page.getByText('page-test').first().waitFor(MOVES);
  await page.locator('label', { hasText: /^7/ }).click();
  await page.waitForURL(/window=7d/);
  await csat(page).locator('.number', { hasText: '50.0%' }).waitFor(MOVES);
  expect(complaints).toEqual([]);
});

test('while the server restarts the page says so and keeps its numbers; then it goes on where it was', async () => {
  const page = await open('/');
  await page.getByText('Live', { exact: true }).waitFor(MOVES);
  const before = await csat(page).locator('.number').innerText();
  const { port } = new URL(api.url ?? '');
  await api.close();
  await page.locator('[data-state="reconnecting"]').waitFor(MOVES);
  expect(await csat(page).locator('.number').innerText()).toBe(before);
  await answer(5);
  const resumed = page.waitForRequest(
    (request) => request.url().includes('/v1/stream') && 'last-event-id' in request.headers(),
    MOVES,
  );
  api = await serve(port);
  await resumed;
  await page.getByText('Live', { exact: true }).waitFor(MOVES);
  await csat(page).locator('.number', { hasText: '66.7%' }).waitFor(MOVES);
});

test('the health page tells throughput, lag, sources, engines and processes', async () => {
  const page = await open('/health');
  await page.getByText('All is well.').waitFor(MOVES);
  for (const name of ['Kafka', 'Schema registry', 'Redis', 'ClickHouse'])
    await page.locator('.engines li', { hasText: name }).getByText('Up').waitFor(MOVES);
  for (const name of ['aggregate', 'api', 'archive', 'ingest'])
    await page.getByRole('row', { name }).getByText('Ready').waitFor(MOVES);
  await page.getByRole('region', { name: 'Sources' }).getByText('page-test').waitFor(MOVES);
  await page
    .locator('.tile', { hasText: 'Not yet live' })
    .getByText('0', { exact: true })
    .waitFor(MOVES);
  await page.getByRole('link', { name: 'KPIs' }).click();
  await csat(page).locator('.number').waitFor(MOVES);
  expect(complaints).toEqual([]);
});

test.each([
  ['/?split=plan', 'light'],
  ['/?split=plan', 'dark'],
  ['/health', 'light'],
  ['/health', 'dark'],
] as const)('axe finds nothing at %s in %s', async (path, colorScheme) => {
  const page = await open(path, { ...UNGUARDED, colorScheme });
  await page.locator('.number, .tiles').first().waitFor(MOVES);
  for (const summary of await page.locator('summary').all()) await summary.click();
  expect(await violations(page)).toEqual([]);
});

test.each(PHONES)('on a phone of $width nothing scrolls sideways', async (viewport) => {
  for (const path of ['/?split=survey', '/health']) {
    const page = await open(path, { ...UNGUARDED, viewport, isMobile: true, hasTouch: true });
    await page.locator('.number, .tiles').first().waitFor(MOVES);
    await page.getByText('Live', { exact: true }).waitFor(MOVES);
    expect(await widthOf(page)).toBe(viewport.width);
  }
});

test.each(PHONES)(
  'on a phone of $width nothing scrolls sideways either while the page connects, reconnects, or offers tenants',
  async (viewport) => {
    const page = await open('/health', { ...UNGUARDED, viewport, isMobile: true, hasTouch: true });
    let isLost = false;
    await page.route('**/v1/stream*', (route) => (isLost ? route.abort() : undefined));
    await page.route('**/v1/status*', async (route) => {
      const response = await route.fetch();
      const status = z.looseObject({}).parse(await response.json());
      await route.fulfill({
        response,
        json: { ...status, tenants: ['default', 'a-second-tenant'] },
      });
    });
    for (const state of ['connecting', 'reconnecting']) {
      isLost = state === 'reconnecting';
      await page.reload();
      await page.locator(`.connection[data-state="${state}"]`).waitFor(MOVES);
      await page.locator('.tiles').waitFor(MOVES);
      await page.getByLabel('Tenant').waitFor(MOVES);
      expect(await widthOf(page)).toBe(viewport.width);
    }
  },
);

test('the chosen colours stay, and win over those of the system', async () => {
  const page = await open('/', { ...UNGUARDED, colorScheme: 'light' });
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await ground();
  await page.getByRole('button', { name: /Colours: system/ }).click();
  await page.getByRole('button', { name: /Colours: light/ }).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await ground()).toBe(dark);
});

/** The page of training as somebody gets there who begins with the KPIs. */
async function openTraining(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open('/', options);
  await page.getByRole('link', { name: 'Training effect' }).click();
  await page.waitForURL('**/training');
  await page.locator('.training .summary').waitFor(MOVES);
  return page;
}

test('before anybody was trained the page of training says that there is no answer yet', async () => {
  const page = await openTraining();
  expect(await page.locator('.summary').textContent()).toMatch(/^No answer yet: there is no/);
  await page.locator('.change-figure', { hasText: 'No answer yet' }).waitFor(MOVES);
  expect(complaints).toEqual([]);
});

describe('of a company whose training makes tickets rarer by 30 %, the page of training', () => {
  const EVENTS_PER_REQUEST = 1_000;

  beforeAll(async () => {
    const to = Math.floor(systemClock() / HOUR_MS) * HOUR_MS;
    const events = trainingScenario(0.7, to - 13 * days(28));
    for (let from = 0; from < events.length; from += EVENTS_PER_REQUEST)
      await post(events.slice(from, from + EVENTS_PER_REQUEST));
    await until('its tickets are in history', async () => (await archivedTickets(to)) === TICKETS);
  });

  /** Of the scenario with a ratio of 0.7. */
  const TICKETS = 2_360;

  async function post(events: readonly KpiEvent[]): Promise<void> {
    const response = await fetch(`${stage.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events.map(eventJson)),
    });
    expect(await response.json()).toMatchObject({ accepted: events.length });
  }

  async function archivedTickets(to: number): Promise<number> {
    const path = `/v1/kpis/support_ticket_rate/history?window=364d&as_of=${new Date(to).toISOString()}`;
    const response = await fetch(`${api.url}${path}`);
    const series = z.object({ points: z.array(z.object({ numerator: z.number() })) });
    return series.parse(await response.json()).points[0]?.numerator ?? 0;
  }

  /** The page for a window that was fixed, and the answer of the API that it shows. */
  async function openYear(options: BrowserContextOptions = {}) {
    const page = await openTraining(options);
    const answered = page.waitForResponse(/\/v1\/compare\/.*window=364d/);
    await page.locator('label', { hasText: /^364/ }).click();
    const response = await answered;
    await page.locator('.training[aria-busy="false"]').waitFor(MOVES);
    const { summary } = z.object({ summary: z.string() }).parse(await response.json());
    return { page, summary };
  }

  test('says in a paragraph what the API says, and beside it both rates, the ratio, the periods and the strata', async () => {
    const { page, summary } = await openYear();
    await page.waitForURL(/over=364d/);
    expect(await page.locator('h1').innerText()).toBe('Do trained customers open fewer tickets?');
    expect(await page.locator('.summary').textContent()).toBe(summary);
    expect(summary).toContain('30 % lower');
    expect(await page.locator('.training h2').allInnerTexts()).toEqual([
      'The answer',
      'Tickets per 100 account-days',
      'Trained over untrained',
      'Before and after training',
      'By tenure and plan',
      'How this is computed',
    ]);
    expect(await page.locator('.change-figure .number').innerText()).toBe('-30%');
    expect(await page.locator('[data-ratio="stratified"]').innerText()).toContain('0.70');
    expect(await page.locator('[data-ratio="ever_trained_per_account"]').innerText()).toContain(
      '2.38',
    );
    expect(await page.locator('.stratum').count()).toBeGreaterThanOrEqual(4);
    await page.locator('.study-points').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.reading', { hasText: /\d+ accounts/ }).waitFor(MOVES);
    await page.locator('.method summary').click();
    await page.getByText('answered from history alone').waitFor(MOVES);
    expect(complaints).toEqual([]);
  });

  test('asks again without outages, and its address brings that back', async () => {
    const page = await openTraining();
    const asked = page.waitForRequest(/\/v1\/compare\/.*incidents=exclude/);
    await page.getByLabel('Leave out outages').check();
    await asked;
    await page.waitForURL(/outages=no/);
    await page.locator('.training[aria-busy="false"]').waitFor(MOVES);
    await page.reload();
    await page.locator('.training .summary').waitFor(MOVES);
    expect(await page.getByLabel('Leave out outages').isChecked()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing that axe finds in %s', async (colorScheme) => {
    const { page } = await openYear({ ...UNGUARDED, colorScheme });
    for (const details of await page.locator('.training summary').all()) await details.click();
    expect(await violations(page)).toEqual([]);
  });

  test.each(PHONES)('does not scroll sideways on a phone of $width', async (viewport) => {
    const { page } = await openYear({ ...UNGUARDED, viewport, isMobile: true, hasTouch: true });
    for (const details of await page.locator('.training summary').all()) await details.click();
    const width = await widthOf(page);
    expect(width).toBeLessThanOrEqual(viewport.width);
  });
});
