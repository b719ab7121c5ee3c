import { type Page } from 'playwright-core';
import { z } from 'zod';

const VIOLATIONS = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** What axe finds, as rule and element. The policy of the page forbids what a test has to do, so these pages go without it. */
export async function violations(page: Page): Promise<readonly string[]> {
  const found = VIOLATIONS.parse(
    await page.evaluate(
      'axe.run().then(({ violations }) => JSON.parse(JSON.stringify(violations)))',
    ),
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** How wide the page is on a phone, which shows all of it. */
export function widthOf(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth');
}
