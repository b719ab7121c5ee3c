import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { BrowserContext, Route } from 'playwright-core';

import { openBrowser } from './open-browser.ts';

const PAGES = [
  { name: 'kpis', path: '/' },
  { name: 'split', path: '/?window=28d&split=plan' },
  { name: 'training', path: '/training' },
  { name: 'health', path: '/health' },
] as const;
const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const;
const SCHEMES = ['light', 'dark'] as const;
const SHOWN_MS_MAX = 60_000;
/** A busy machine may need many tries for all histories. */
const SETTLED_MS_MAX = 400_000;
/** Long enough for a reading or two after everything has been drawn. */
const REST_MS = 5_000;

/** `pnpm screenshots`: all pages of a running system, on desktop and phone, light and dark, as PNG files. */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: '.cache/screenshots' },
    only: { type: 'string', default: '' },
  },
});

/** Histories by address: each is read once and shown in all pictures. */
const histories = new Map<string, Promise<string>>();

async function answerHistory(route: Route): Promise<void> {
  const url = route.request().url();
  const known = histories.get(url) ?? readHistory(url);
  histories.set(url, known);
  const body = await known;
  await route.fulfill({ body, contentType: 'application/json' }).catch(() => undefined);
}

async function readHistory(url: string): Promise<string> {
  for (;;) {
    const response = await fetch(url);
    if (response.ok) return response.text();
    process.stderr.write(`${response.status} ${url}\n`);
  }
}

async function takePicture(context: BrowserContext, path: string, file: string): Promise<void> {
  const page = await context.newPage();
  await page.route('**/history?*', answerHistory);
  await page.goto(`${values.url}${path}`);
  await page
    .locator('.card .number, .tiles, .training .summary')
    .first()
    .waitFor({ timeout: SHOWN_MS_MAX });
  for (const text of ['Reading the history', 'reading the window before', 'No trend'])
    await page.waitForSelector(`text=${text}`, { state: 'detached', timeout: SETTLED_MS_MAX });
  await page.waitForTimeout(REST_MS);
  await page.screenshot({ path: file, fullPage: true });
  process.stdout.write(`${file}\n`);
  await page.close();
}

await mkdir(values.out, { recursive: true });
const browser = await openBrowser();
try {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({
        viewport,
        colorScheme,
        deviceScaleFactor: size === 'phone' ? 2 : 1,
        timezoneId: 'Europe/Berlin',
        locale: 'en-GB',
      });
      for (const { name, path } of PAGES) {
        const file = join(values.out, `${name}-${size}-${colorScheme}.png`);
        if (file.includes(values.only)) await takePicture(context, path, file);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
