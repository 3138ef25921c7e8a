/**
 * One event through everything: trigger, consumer, storage, resolver, realtime.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './start.mjs';

const released = (actor = 'ada') => ({
  event: 'avi:jira:released:version',
  actor,
  payload: { version: { id: '7', name: '4.12.3' } },
});

test('an event runs from trigger to consumer to storage and is told to the page', async (t) => {
  const { post, settle, invoke, get, platform } = await start(t);
  const heard = [];
  platform.realtime.listeners.add((event) => heard.push(event));

  await post('/api/product-events', released());
  await settle();

  const { value, ...run } = { value: await invoke('state', { key: 'run:7' }) };
  assert.deepEqual(run, {});
  assert.equal(value.state, 'done');
  assert.equal(value.due, Date.parse('2026-03-10T09:00:00Z'));
  assert.deepEqual(
    heard.map(({ channel, payload }) => [channel, payload]),
    [['run-7', { state: 'done' }]],
  );
  const lines = (await get('/api/logs')).map(({ line }) => line);
  assert.ok(lines.includes('released 4.12.3 false version-released'), lines.join('\n'));
  const meter = await get('/api/meter');
  assert.equal(meter.queue.pushes, 1);
  assert.equal(meter.invocations['on-version'].count, 1);
});
