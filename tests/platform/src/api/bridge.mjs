/**
 * The other end of the page's bridge: what the host page asks for on behalf of the app's frame.
 */
import { Hono } from 'hono';

import { narrowed } from '../proxy/realtime.mjs';

export function bridge({ frontEnd, realtime, world }) {
  const api = new Hono();
  api.post('/context', async (c) => c.json(await frontEnd.context(await c.req.json())));
  api.post('/fetchProduct', async (c) => c.json(await frontEnd.fetchProduct(await c.req.json())));
  api.post('/subscribe', async (c) => {
    const { place, ...subscription } = await c.req.json();
    return channel(c, realtime, () =>
      realtime.subscribe({ ...subscription, context: contextOf(place, subscription) }),
    );
  });
  api.post('/publish', async (c) => {
    const { place, payload, token, ...event } = await c.req.json();
    return channel(c, realtime, () => {
      if (token) realtime.admit(token, event.channel, 'publish');
      return realtime.publish({
        ...event,
        token,
        payload: JSON.stringify(payload),
        context: contextOf(place, event),
      });
    });
  });
  api.get('/issue/:key', async (c) => {
    const issue = await frontEnd.issue(c.req.param('key'));
    return issue ? c.json(issue) : c.json({ error: { message: 'no such issue' } }, 404);
  });
  api.get('/users', (c) => c.json(world.world().jira?.users ?? []));
  return api;
}

const contextOf = (place, { contextOverrides }) =>
  narrowed(place, contextOverrides && JSON.stringify({ contextOverrides }));

function channel(c, realtime, act) {
  if (!realtime.allowed()) return c.json({ error: { message: 'RATE_LIMIT_EXCEEDED' } }, 429);
  try {
    return c.json(act());
  } catch (error) {
    return c.json({ error: { message: error.message } }, 403);
  }
}
