/**
 * A killed platform loses nothing, wherever it is killed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launch, stateFile } from './start.mjs';

const released = {
  event: 'avi:jira:released:version',
  actor: 'ada',
  payload: { version: { id: '7', name: '4.12.3' } },
};

test('storage, queue, clock, addresses and the world survive SIGKILL', async (t) => {
  const state = stateFile(t);
  const before = await launch(t, { state });
  await before.invoke('set', { key: 'kept', value: { n: 1 } });
  await before.invoke('secret', { key: 'kept', value: 'hidden' });
  await before.invoke('fetch', {
    url: 'https://tool.example/notes',
    init: { method: 'POST', body: 'kept' },
  });
  await before.invoke('push', {
    events: { body: { task: 'note', key: 'later', value: 2 }, delayInSeconds: 600 },
  });
  await before.advance({ by_ms: 60_000 });
  const addresses = await before.get('/api/webtriggers');
  const { now } = await before.get('/api/clock');
  assert.equal(await before.kill(), 'SIGKILL');

  const after = await launch(t, { state });
  assert.equal((await after.get('/api/clock')).now, now);
  assert.deepEqual(await after.invoke('get', { key: 'kept' }), { n: 1 });
  assert.deepEqual((await after.get('/api/world')).notes, ['kept']);
  const path = (url) => new URL(url).pathname;
  assert.equal(path((await after.get('/api/webtriggers'))['hook-in']), path(addresses['hook-in']));
  await after.post('/api/run-until-quiet', {});
  assert.equal(await after.invoke('get', { key: 'later' }), 2);
});

test('killed at every boundary of a story, it ends the same', async (t) => {
  const whole = await launch(t, { state: stateFile(t) });
  await whole.post('/api/product-events', released);
  await whole.settle();
  const boundaries = await whole.get('/api/boundaries');
  const result = await whole.invoke('state', { key: 'run:7' });
  assert.deepEqual(boundaries, [
    'before queue.push work',
    'after queue.push work',
    'before kvs.transaction run:7',
    'after kvs.transaction run:7',
  ]);

  for (const [index, name] of boundaries.entries()) {
    const state = stateFile(t);
    const killed = await launch(t, { state, env: { TUTTI_CRASH_AT: String(index + 1) } });
    await killed.post('/api/product-events', released).catch(() => {});
    assert.equal(await killed.ended, 'SIGKILL', name);
    const again = await launch(t, { state });
    await again.post('/api/run-until-quiet', {});
    const { due, ...rest } = await again.invoke('state', { key: 'run:7' });
    assert.deepEqual(rest, { state: result.state, version: result.version }, name);
  }
});

test('its processes die with it', async (t) => {
  const platform = await launch(t, { state: stateFile(t) });
  const pid = await platform.invoke('remember-pid');
  process.kill(pid, 0);
  await platform.kill();
  await gone(pid);
});

/** Waits for the process to be reaped; it has one channel to lose and nothing to wait for. */
async function gone(pid) {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
}
