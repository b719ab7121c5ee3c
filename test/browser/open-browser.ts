import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver } from 'playwright-core';

/** A headless browser that is an npm package: nothing is downloaded and nothing is installed for it. */
export async function openBrowser(): Promise<Browser> {
  return driver.launch({
    executablePath: await chromium.executablePath(),
    // Not the arguments that the package proposes: they make one process of all and lift the rules of the web.
    args: ['--no-sandbox', '--disable-gpu'],
    headless: true,
  });
}
