import { defineConfig } from 'vite';

/** Browsers that know `light-dark()` and `:has()`. */
const BROWSERS = ['chrome123', 'firefox121', 'safari17.5'];

export default defineConfig({
  build: {
    target: BROWSERS,
    // Small files would become `data:` URLs, which the content security policy forbids to scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `pnpm --filter @kpi/dashboard dev` beside a running system.
  server: { proxy: { '/v1': process.env['KPI_URL'] ?? 'http://127.0.0.1:8080' } },
});
