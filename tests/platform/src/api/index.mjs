/**
 * The platform over HTTP: control for scripts and tests, web triggers, and the page.
 */
import { Hono } from 'hono';

import { control } from './control.mjs';
import { bridge } from './bridge.mjs';
import { events } from './events.mjs';
import { page } from './page.mjs';

export function createApi(platform) {
  const app = new Hono();
  app.onError((error, c) => {
    platform.journal.complain(`api: ${c.req.path}: ${error.stack}`);
    const status = error instanceof TypeError || error instanceof SyntaxError ? 400 : 500;
    return c.json({ error: { code: error.name, message: error.message } }, status);
  });
  app.route('/api', control(platform));
  app.route('/api/bridge', bridge(platform));
  app.get('/api/events', events(platform));
  if (platform.world.control) {
    app.use('/api/tools/*', async (c, next) => {
      await next();
      // The world may have changed without anybody being invoked.
      if (c.req.method !== 'GET') platform.activity.look();
    });
    app.route('/api/tools', platform.world.control);
  }
  app.all('/webtrigger/public/*', (c) => platform.webTriggers.answer(c.req.raw));
  app.route('/', page(platform));
  return app;
}
