import staticFiles from '@fastify/static';
import type { HttpServer } from '@kpi/runtime';

/** Everything the page needs comes from here: nothing else may run in it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Serve the page at `/` from a folder. */
export async function registerPage(http: HttpServer, folder: string): Promise<void> {
  await http.register(staticFiles, {
    root: folder,
    prefix: '/',
    wildcard: false,
    schemaHide: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header('cache-control', 'no-cache');
      if (path.endsWith('.html')) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    },
  });
}
