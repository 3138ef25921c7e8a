/**
 * Storage refuses what Forge refuses, and its queries are as late as Forge's may be.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './start.mjs';

const nested = (levels) => (levels === 0 ? 1 : { a: nested(levels - 1) });

test('sizes, depth and keys', async (t) => {
  const { invoke } = await start(t);
  const set = async (key, value) => (await invoke('set', { key, value })).error?.code;
  assert.equal(await set('a', 'x'.repeat(240 * 1024 - 2)), undefined);
  assert.equal(await set('a', 'x'.repeat(240 * 1024 - 1)), 'MAX_SIZE');
  assert.equal(await set('a', nested(31)), undefined);
  assert.equal(await set('a', nested(32)), 'MAX_DEPTH');
  assert.equal(await set('k'.repeat(500), 1), undefined);
  assert.equal(await set('k'.repeat(501), 1), 'INVALID_KEY');
  assert.equal(await set('a/b', 1), 'INVALID_KEY');
  assert.equal(await set('', 1), 'INVALID_KEY');
  const secret = async (size) => invoke('secret', { key: 's', value: 'x'.repeat(size) });
  assert.deepEqual(await secret(128 * 1024 - 2), { ok: 128 * 1024 - 2 });
  assert.equal((await secret(128 * 1024)).error.code, 'MAX_SIZE');
});

test('a key that exists is not overwritten when asked not to', async (t) => {
  const { invoke } = await start(t);
  const claim = () =>
    invoke('set', { key: 'claim', value: 1, options: { keyPolicy: 'FAIL_IF_EXISTS' } });
  assert.equal((await claim()).error, undefined);
  assert.equal((await claim()).error.code, 'KEY_CONFLICT');
});

test('a transaction happens if its conditions hold, all of it or nothing', async (t) => {
  const { invoke } = await start(t);
  await invoke('entity', { key: 'r', value: { state: 'a', version: 1 } });
  const to = (version, next) =>
    invoke('compare-and-set', { key: 'r', version, value: { state: 'b', version: next } });
  assert.equal((await to(1, 2)).error, undefined);
  assert.equal((await to(1, 3)).error.code, 'CONDITIONAL_CHECK_FAILED');
  assert.deepEqual(await invoke('state', { key: 'r' }), { state: 'b', version: 2 });
  const keys = (count) => Array.from({ length: count }, (_, n) => `k${n}`);
  assert.equal((await invoke('transact', { keys: keys(25) })).error, undefined);
  assert.equal((await invoke('transact', { keys: keys(26) })).error.code, 'INVALID_TRANSACTION');
  assert.equal((await invoke('transact', { keys: ['k', 'k'] })).error.code, 'DUPLICATE_KEYS');
});

test('entities hold what the manifest declares and are found by its indexes', async (t) => {
  const { invoke } = await start(t);
  for (const [key, due] of [
    ['a', 30],
    ['b', 10],
    ['c', 20],
  ]) {
    await invoke('entity', { key, value: { state: 'waiting', due } });
  }
  const find = (query) => invoke('find', { state: 'waiting', ...query });
  assert.deepEqual((await find({})).ok.keys, ['b', 'c', 'a']);
  assert.deepEqual((await find({ from: 20, sort: 'DESC' })).ok.keys, ['a', 'c']);
  const first = (await find({ limit: 2 })).ok;
  assert.deepEqual(first.keys, ['b', 'c']);
  assert.deepEqual((await find({ limit: 2, cursor: first.nextCursor })).ok, { keys: ['a'] });
  assert.deepEqual((await invoke('find', { state: 'gone' })).ok.keys, []);
  const wrong = { due: '5', colour: 'red' };
  for (const [name, value] of Object.entries(wrong)) {
    const { error } = await invoke('entity', { key: 'x', value: { state: 'a', [name]: value } });
    assert.equal(error.code, 'INVALID_ENTITY', name);
  }
  assert.equal((await find({ limit: 101 })).error.code, 'INVALID_LIMIT');
});

test('a query is late, a get is not; at a quiet point all is seen', async (t) => {
  const { invoke, settle, post } = await start(t);
  assert.deepEqual(await invoke('write-then-query', { key: 'late' }), { got: 1, queried: 0 });
  await settle();
  assert.deepEqual(await invoke('write-then-query', { key: 'late' }), { got: 1, queried: 1 });

  // A consumer does not find what the event before it wrote: nothing was quiet in between.
  const lock = { key: 'one', limit: 1 };
  await invoke('push', {
    events: [
      { body: { task: 'note', key: 'chained', value: 1 }, concurrency: lock },
      { body: { task: 'query', prefix: 'chained' }, concurrency: lock },
    ],
  });
  await settle();
  assert.deepEqual(await invoke('get', { key: 'seen' }), []);
  await invoke('push', { events: { body: { task: 'query', prefix: 'chained' } } });
  await settle();
  assert.deepEqual(await invoke('get', { key: 'seen' }), ['chained']);
  assert.equal((await post('/api/settle')).now, Date.parse('2026-03-10T09:00:00Z'));
});

test('queries are never late when told so', async (t) => {
  const { invoke } = await start(t, { kvs: { lagMs: 0 } });
  assert.deepEqual(await invoke('write-then-query', { key: 'late' }), { got: 1, queried: 1 });
});

test('an expired value lingers, then goes', async (t) => {
  const minute = 60_000;
  const { invoke, advance } = await start(t, { kvs: { overhangMs: 10 * minute } });
  await invoke('set', {
    key: 'brief',
    value: 1,
    options: { keyPolicy: 'OVERRIDE', ttl: { unit: 'MINUTES', value: 2 } },
  });
  await advance({ by_ms: 11 * minute });
  assert.equal(await invoke('get', { key: 'brief' }), 1);
  await advance({ by_ms: 2 * minute });
  assert.equal(await invoke('get', { key: 'brief' }), undefined);
});

test('storage is metered in steps of 10 KB and limited per minute', async (t) => {
  const { invoke, post, get } = await start(t);
  await post('/api/meter/reset');
  await invoke('set', { key: 'big', value: 'x'.repeat(65 * 1024) });
  await invoke('get', { key: 'big' });
  const { kvs } = await get('/api/meter');
  assert.deepEqual(kvs, { read_units: 7, requests: 2, write_units: 7 });
  const codes = [];
  for (let n = 0; n < 30; n += 1) {
    const { error } = await invoke('transact', { keys: ['a'] });
    codes.push(error?.code);
  }
  assert.deepEqual([...new Set(codes)], [undefined]);
});

test('the platform itself can fail: the write is there, the answer is not', async (t) => {
  const { invoke, post, send } = await start(t);
  await invoke('entity', { key: 'r', value: { version: 1 } });
  const write = (next) =>
    invoke('compare-and-set', { key: 'r', version: next - 1, value: { version: next } });
  await post('/api/faults', {
    tool: 'forge',
    path: 'kvs /api/v1/transaction',
    effect: 'drop_after',
  });
  assert.equal((await write(2)).error.message, 'fetch failed');
  await send('DELETE', '/api/faults');
  assert.deepEqual(await invoke('state', { key: 'r' }), { version: 2 });
  await post('/api/faults', { tool: 'forge', path: 'kvs', effect: 'status', status: 429 });
  assert.equal((await write(3)).error.code, 'FAULT');
});

test('an unknown command is refused loudly', async (t) => {
  const { invoke, complaints } = await start(t);
  assert.equal(await invoke('unmodelled-command'), 501);
  assert.equal((await invoke('unmodelled')).error.name, 'PROXY_ERR');
  assert.match(complaints.join('\n'), /NOT MODELLED: product bitbucket/);
});
