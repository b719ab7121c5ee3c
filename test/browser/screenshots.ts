import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser } from './open-browser.ts';

const PAGES = [
  { name: 'kpis', path: '/' },
  { name: 'split', path: '/?window=28d&split=plan' },
  { name: 'health', path: '/health' },
] as const;
const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const;
const SCHEMES = ['light', 'dark'] as const;
/** A history is read once per KPI, two at a time. */
const SETTLED_MS_MAX = 60_000;
/** Long enough for a reading or two after everything has been drawn. */
const REST_MS = 3_000;

/** `pnpm screenshots`: both pages of a running system, on desktop and phone, light and dark, as PNG files. */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: '.cache/screenshots' },
    only: { type: 'string', default: '' },
  },
});

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
      const page = await context.newPage();
      for (const { name, path } of PAGES) {
        const file = join(values.out, `${name}-${size}-${colorScheme}.png`);
        if (!file.includes(values.only)) continue;
        await page.goto(`${values.url}${path}`);
        await page.locator('.trend svg, .tiles').first().waitFor({ timeout: SETTLED_MS_MAX });
        await page.getByText('Reading the history').first().waitFor({ state: 'detached' });
        await page.waitForTimeout(REST_MS);
        await page.screenshot({ path: file, fullPage: true });
        process.stdout.write(`${file}\n`);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
