import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { HttpServer } from '@kpi/runtime';

const PAGE = readFileSync(new URL('kpi-reference.gen.html', import.meta.url), 'utf8');

/** The page brings its only style, and nothing else is allowed in it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash(PAGE)}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

function styleHash(page: string): string {
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
  return createHash('sha256').update(style).digest('base64');
}

/** The reference of all KPIs at `/docs/kpis`, made from their declarations and worked examples by `pnpm gen`. */
export function registerReference(http: HttpServer): void {
  http.get('/docs/kpis', { schema: { hide: true } }, (_request, reply) =>
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(PAGE),
  );
}
