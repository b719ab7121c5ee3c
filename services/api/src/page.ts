import { existsSync } from 'node:fs';
import { join } from 'node:path';

import staticFiles from '@fastify/static';
import { Fault } from '@kpi/core';
import type { HttpServer } from '@kpi/runtime';

/** Everything the page needs comes from here: nothing else may run in it, and nothing makes code of text. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
} as const;

/** Files whose name has their hash never change. */
const HASHED = /\/assets\//;
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Where the page is at home; what it shows there it decides itself. */
const PAGES = ['/', '/training', '/health'] as const;

/** Serve the built page from a folder. Without it the API works, and the page says what is missing. */
export async function registerPage(http: HttpServer, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    for (const path of PAGES)
      http.get(path, { schema: { hide: true } }, () => {
        throw new Fault('not_found', 'the page is not built: node services/dashboard/build.mjs');
      });
    return;
  }
  await http.register(staticFiles, {
    root: folder,
    prefix: '/',
    wildcard: false,
    index: false,
    preCompressed: true,
    schemaHide: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header('cache-control', HASHED.test(path) ? FOR_EVER : 'no-cache');
      if (path.includes('.html'))
        for (const [name, value] of Object.entries(PAGE_HEADERS)) reply.header(name, value);
    },
  });
  for (const path of PAGES)
    http.get(path, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
}
