/**
 * The app's own origin: its Custom UI build, under the very content policy Atlassian serves it
 * with, and before everything else the script that stands for Atlassian's global bridge.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize, resolve } from 'node:path';

import { Hono } from 'hono';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain',
};
const BRIDGE = new URL('./page/bridge.js', import.meta.url);
const BRIDGE_PATH = '/__bridge.js';

/** @returns {Hono} */
export function createUi(platform) {
  const { manifest, clock, options } = platform;
  const app = new Hono();
  const directories = new Map(
    manifest.resources.map(({ key, path }) => [
      key,
      options.ui ?? resolve(manifest.directory, path),
    ]),
  );

  app.get(BRIDGE_PATH, () => {
    const time = `globalThis.__platformClock = ${JSON.stringify({ now: clock.now() })};\n`;
    return served('.js', time + readFileSync(BRIDGE, 'utf8'));
  });
  app.get('/:resource/*', async (c) => {
    const directory = directories.get(c.req.param('resource'));
    const file = directory && within(directory, c.req.path.split('/').slice(2).join('/'));
    if (!file) return c.text('no such file in the build', 404);
    const extension = extname(file);
    if (extension !== '.html') return served(extension, readFileSync(file));
    return framed(readFileSync(file, 'utf8'), platform);
  });
  return app;
}

/** The file of the build that is meant; nothing outside of it. */
function within(directory, path) {
  const file = join(directory, normalize(`/${decodeURIComponent(path || 'index.html')}`));
  return existsSync(file) && statSync(file).isFile() ? file : undefined;
}

async function framed(html, { manifest, url }) {
  const script = `<script src="${BRIDGE_PATH}"></script>`;
  const page = /<head[^>]*>/i.test(html)
    ? html.replace(/<head[^>]*>/i, (head) => head + script)
    : script + html;
  return served('.html', page, { 'content-security-policy': await policy(page, manifest, url) });
}

/** What @forge/csp computes for production; only the frame is ours, and nobody is reported to. */
async function policy(html, manifest, hostOrigin) {
  const [{ CSPInjectionService, CSPProcessingService }, { load }] = await Promise.all([
    import('@forge/csp'),
    import('cheerio'),
  ]);
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const permissions = stringsOnly(manifest.document.permissions ?? {});
  const existingCSPDetails = new CSPProcessingService(silent, load).getCspDetails(
    html,
    permissions,
  );
  return new CSPInjectionService()
    .getInjectableCSP({ existingCSPDetails, microsEnv: 'prod' })
    .filter((directive) => !directive.startsWith('report-uri'))
    .map((directive) =>
      directive.startsWith('frame-ancestors') ? `${directive} ${hostOrigin}` : directive,
    )
    .join('; ');
}

/** The package wants addresses where the manifest may hold objects. */
function stringsOnly({ external, ...rest }) {
  const client = (external?.fetch?.client ?? []).map((entry) => entry.address ?? entry);
  return { ...rest, external: external && { ...external, fetch: { ...external.fetch, client } } };
}

const served = (extension, body, headers = {}) =>
  new Response(body, {
    headers: {
      'content-type': TYPES[extension] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      ...headers,
    },
  });
