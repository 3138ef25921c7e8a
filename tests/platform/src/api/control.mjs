/**
 * What scripts and tests do with the platform: seed it, look into it, move its clock, act as its
 * users.
 */
import { Hono } from 'hono';

export function control(platform) {
  const api = new Hono();
  for (const part of [state, time, work, faults]) part(api, platform);
  return api;
}

function state(api, { world, journal, meter, boundaries, webTriggers, site, frontEnd }) {
  api.get('/health', (c) => c.json({ ok: true }));
  api.post('/seed', async (c) => {
    const { name } = await c.req.json();
    await world.seed(name);
    return c.json({ seeded: name });
  });
  api.get('/world', (c) => c.json(world.world()));
  api.get('/logs', (c) =>
    c.json(journal.logs({ after: Number(c.req.query('after') ?? 0), level: c.req.query('level') })),
  );
  api.get('/calls', (c) => c.json(journal.calls()));
  api.get('/boundaries', (c) => c.json(boundaries.passed));
  api.get('/webtriggers', (c) => c.json(webTriggers.all()));
  api.get('/modules', (c) => c.json(frontEnd.modules()));
  api.get('/meter', (c) => c.json(meter.read()));
  api.post('/meter/reset', (c) => {
    meter.reset();
    return c.json({});
  });
  api.get('/license', (c) => c.json(site.license ?? null));
  api.post('/license', async (c) => {
    site.license = await c.req.json();
    return c.json(site.license);
  });
}

function time(api, { clock, timeline, activity }) {
  const told = () => ({
    now: clock.now(),
    iso: clock.iso(),
    next: timeline.next(),
    ...clock.state(),
  });
  api.get('/clock', (c) => c.json(told()));
  api.post('/clock/advance', async (c) => {
    const { to, by_ms: by, next } = await c.req.json();
    if (next) return c.json(await timeline.advanceToNext());
    const target =
      by === undefined ? (typeof to === 'string' ? Date.parse(to) : to) : clock.now() + by;
    if (!Number.isFinite(target)) throw new TypeError('advance needs to, by_ms or next');
    return c.json(await timeline.advanceTo(target));
  });
  api.post('/settle', async (c) => {
    await activity.settle();
    return c.json({ now: clock.now() });
  });
  api.post('/run-until-quiet', async (c) => {
    const { limit_ms: limit = 24 * 3_600_000 } = await c.req.json();
    return c.json(await timeline.runUntilQuiet(limit));
  });
}

const HTTP = { PAYLOAD_TOO_BIG: 413, NOT_FOUND: 404, FUNCTION_TIME_OUT: 504 };

function work(api, platform) {
  const { frontEnd, deliveries, productEvents, invocations, manifest } = platform;
  api.post('/invoke', async (c) => {
    const answer = await frontEnd.invoke(await c.req.json());
    return c.json(answer, answer.error ? (HTTP[answer.error.code] ?? 500) : 200);
  });
  // Modules that neither a page nor an event reaches: actions, validators.
  api.post('/call', async (c) => {
    const { moduleKey, body, accountId } = await c.req.json();
    const module = manifest.module(moduleKey);
    if (!module) throw new TypeError(`no module ${moduleKey}`);
    const { success, body: result, error } = await invocations.run({ module, body, accountId });
    return success ? c.json({ result }) : c.json({ error }, 500);
  });
  api.post('/product-events', async (c) => {
    productEvents.emit(await c.req.json());
    return c.json({});
  });
  api.get('/deliveries', (c) => c.json(deliveries.list({ kind: c.req.query('kind') })));
  api.post('/queue', async (c) => {
    Object.assign(deliveries.chaos, await c.req.json());
    return c.json(deliveries.chaos);
  });
  api.post('/stop', (c) => {
    setImmediate(async () => {
      await platform.stop();
      platform.stopped?.();
    });
    return c.json({});
  });
}

function faults(api, { world }) {
  api.get('/faults', (c) => c.json(world.faults?.list() ?? []));
  api.post('/faults', async (c) => c.json(world.faults.add(await c.req.json())));
  api.delete('/faults', async (c) => {
    const text = await c.req.text();
    world.faults?.clear(text ? JSON.parse(text) : undefined);
    return c.json({});
  });
}
