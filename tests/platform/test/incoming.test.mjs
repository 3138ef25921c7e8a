/**
 * Web triggers, webhooks of tools and realtime.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './start.mjs';

test('a web trigger invokes its function with the raw body', async (t) => {
  const { get, invoke, url } = await start(t);
  const [first, second, listed] = await invoke('urls');
  assert.equal(first, second);
  assert.ok(first.startsWith(`${url}/webtrigger/public/`), first);
  assert.deepEqual(listed, [{ moduleKey: 'hook-in', url: first }]);
  assert.equal((await get('/api/webtriggers'))['hook-in'], first);

  const answer = await fetch(`${first}/more?x=1&x=2`, {
    method: 'POST',
    body: '{"a": 1}',
    headers: { 'x-signature': 'abc' },
  });
  assert.deepEqual(
    [answer.status, answer.headers.get('x-got'), await answer.json()],
    [201, 'yes', { got: '{"a": 1}' }],
  );
  const seen = await invoke('get', { key: 'hook' });
  assert.deepEqual([seen.method, seen.body, seen.userPath], ['POST', '{"a": 1}', '/more']);
  assert.deepEqual(seen.headers['x-signature'], ['abc']);

  assert.equal((await fetch(`${first}?odd=1`)).status, 500);
  assert.equal((await fetch(`${first}?fail=1`)).status, 500);
  assert.equal((await fetch(`${url}/webtrigger/public/none`)).status, 404);
});

test('a static web trigger answers only what the manifest holds', async (t) => {
  const { get } = await start(t);
  const { 'fixed-in': url } = await get('/api/webtriggers');
  const answer = await fetch(url, { method: 'POST', body: '{}' });
  assert.deepEqual([answer.status, await answer.text()], [202, 'accepted']);
  assert.equal((await fetch(url, { method: 'POST', body: 'odd' })).status, 500);
});

test('a webhook of a tool is delivered, again if the function failed', async (t) => {
  const { get, post, settle, invoke } = await start(t);
  const { 'hook-in': url } = await get('/api/webtriggers');
  await post('/api/tools/webhook', { url: url.replace(/:\d+/, ':1'), body: 'from the tool' });
  await settle();
  assert.equal((await invoke('get', { key: 'hook' })).body, 'from the tool');
  await post('/api/tools/webhook', { url: `${url}?fail=1`, body: 'x' });
  await post('/api/run-until-quiet', { limit_ms: 3_600_000 });
  const [delivery] = await get('/api/deliveries?kind=http');
  assert.deepEqual([delivery.state, delivery.attempt], ['failed', 4]);
});

test('realtime: local events need a page, global ones a token for those who check', async (t) => {
  const { invoke, post, settle, send } = await start(t);
  const subscribe = (channel, more) =>
    send('POST', '/api/bridge/subscribe', { channel, place: {}, ...more });
  const { token, local, global } = await invoke('realtime', {
    channel: 'run-1',
    message: { n: 1 },
    claims: { issue: '10088' },
  });
  assert.ok(local.eventId && global.eventId);
  const heard = await subscribe('run-1', { isGlobal: true, token, replaySeconds: 60 });
  assert.deepEqual(
    heard.body.replay.map(({ payload }) => payload),
    [{ n: 1 }],
  );
  const deaf = await subscribe('run-1', { isGlobal: true, replaySeconds: 60 });
  assert.deepEqual(deaf.body.replay, []);
  assert.equal(
    (await subscribe('run-2', { isGlobal: true, token })).body.error.message,
    'CHANNEL_NAME_MISMATCH',
  );
  const forged = `${token.slice(0, -2)}xx`;
  assert.equal(
    (await subscribe('run-1', { isGlobal: true, token: forged })).body.error.message,
    'INVALID_TOKEN',
  );
  await post('/api/clock/advance', { by_ms: 2 * 3_600_000 });
  assert.equal(
    (await subscribe('run-1', { isGlobal: true, token })).body.error.message,
    'TOKEN_EXPIRED',
  );

  await invoke('push', { events: { body: { task: 'publish' } } });
  await settle();
  const [refused, published] = await invoke('get', { key: 'publish' });
  assert.match(refused.errors[0].message, /context token is required/);
  assert.ok(published.eventId);
});

test('realtime: 50 operations a second', async (t) => {
  const { invoke } = await start(t);
  const errors = await invoke('publish-often', { times: 52 });
  assert.deepEqual(errors.slice(49), [null, 'RATE_LIMIT_EXCEEDED', 'RATE_LIMIT_EXCEEDED']);
});
