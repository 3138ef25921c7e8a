/**
 * The door for the page and for tests: what the world holds, what people can do in it, and what
 * goes wrong in it.
 */
import { Hono } from 'hono';

import { ACTIONS } from './actions.mjs';

export function createControl(tools) {
  const app = new Hono();
  const input = async (c) => JSON.parse((await c.req.text()) || '{}');
  app.onError((error, c) => c.json({ error: error.message }, 400));

  app.get('/world', (c) => c.json(tools.world()));
  app.get('/requests', (c) => c.json(tools.requests()));
  app.get('/problems', (c) => c.json(tools.problems()));
  app.get('/due', (c) => c.json({ dueAt: tools.dueAt(), changes: tools.due() }));
  app.get('/credentials', (c) => c.json(tools.credentials()));

  app.get('/faults', (c) => c.json(tools.faults.list()));
  app.post('/faults', async (c) => c.json(tools.faults.add(await input(c)), 201));
  app.delete('/faults', (c) => {
    tools.faults.clear(c.req.query());
    return c.body(null, 204);
  });
  app.delete('/faults/:id', (c) => {
    tools.faults.clear(c.req.param());
    return c.body(null, 204);
  });

  app.get('/actions', (c) =>
    c.json(Object.entries(ACTIONS).map(([id, { label, about }]) => ({ id, label, about }))));
  app.post('/actions/:id', async (c) => {
    const { id } = c.req.param();
    if (!ACTIONS[id]) return c.json({ error: `there is no action ${id}` }, 404);
    return c.json((await tools.act(id, await input(c))) ?? null);
  });

  app.post('/configure', async (c) => {
    tools.configure(await input(c));
    return c.body(null, 204);
  });
  app.post('/seed', async (c) => {
    tools.seed((await input(c)).name);
    return c.body(null, 204);
  });
  return app;
}
