/**
 * The page that frames the app as Jira does: an issue, a project's settings, the administration.
 */
import { readFileSync } from 'node:fs';

import { Hono } from 'hono';

const FILES = {
  'page.css': 'text/css', 'page.js': 'text/javascript', 'frame.js': 'text/javascript', 'world.js': 'text/javascript',
  'glance.js': 'text/javascript',
  'issue.js': 'text/javascript', 'dom.js': 'text/javascript', 'api.js': 'text/javascript',
};
const read = (name) => readFileSync(new URL(`../page/${name}`, import.meta.url));

export function page(platform) {
  const app = new Hono();
  const { manifest } = platform;
  app.get('/page/:file', (c) => {
    const type = FILES[c.req.param('file')];
    return type ? c.body(read(c.req.param('file')), 200, { 'content-type': type, 'cache-control': 'no-store' }) : c.notFound();
  });
  app.get('/api/frame', (c) => c.json({
    ui: platform.uiUrl,
    app: manifest.document.app?.name ?? title(manifest) ?? 'App',
    modules: platform.frontEnd.modules(),
  }));
  for (const path of ['/', '/browse/:key', '/projects/:key/settings/:module', '/admin/:module', '/apps/:module']) {
    app.get(path, (c) => c.html(read('page.html').toString()));
  }
  return app;
}

const title = (manifest) => manifest.modules.find(({ type }) => type === 'jira:issuePanel')?.title;
