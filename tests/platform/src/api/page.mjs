/**
 * The page that frames the app as Jira does: an issue, a project's settings, the administration.
 */
import { existsSync, readFileSync } from 'node:fs';

import { Hono } from 'hono';

const TYPES = { js: 'text/javascript', css: 'text/css' };
const PLACES = [
  '/',
  '/browse/:key',
  '/projects/:key/settings/:module',
  '/admin/:module',
  '/apps/:module',
];

export function page(platform) {
  const app = new Hono();
  app.get('/page/:file{[a-z]+\\.(?:js|css)}', (c) => {
    const name = c.req.param('file');
    const file = part(name);
    if (!existsSync(file)) return c.notFound();
    const type = TYPES[name.split('.').pop()];
    return c.body(readFileSync(file), 200, { 'content-type': type, 'cache-control': 'no-store' });
  });
  app.get('/api/frame', (c) => {
    const modules = platform.frontEnd.modules();
    const panel = modules.find(({ type }) => type === 'jira:issuePanel');
    return c.json({ ui: platform.uiUrl, app: panel?.title ?? 'App', modules });
  });
  for (const place of PLACES)
    app.get(place, (c) => c.html(readFileSync(part('page.html'), 'utf8')));
  return app;
}

const part = (name) => new URL(`../page/${name}`, import.meta.url);
