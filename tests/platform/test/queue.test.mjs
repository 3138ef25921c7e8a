/**
 * The queue delivers at least once, late, twice, in another order, and refuses what Forge refuses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './start.mjs';

const START = Date.parse('2026-03-10T09:00:00Z');
const SECOND = 1000;
const body = (task, more) => ({ body: { task, ...more } });

test('a delayed event waits for its time', async (t) => {
  const { invoke, settle, advance } = await start(t);
  await invoke('push', { events: { ...body('note', { key: 'n', value: 1 }), delayInSeconds: 60 } });
  await settle();
  assert.equal(await invoke('get', { key: 'n' }), undefined);
  assert.deepEqual(await advance({ next: true }), { now: START + 60 * SECOND, ran: 1 });
  assert.equal(await invoke('get', { key: 'n' }), 1);
});

test('failures come back with growing gaps, wishes when they asked, with the reason', async (t) => {
  const { invoke, post } = await start(t);
  await invoke('push', { events: body('retry', { key: 'tries' }) });
  const { quiet } = await post('/api/run-until-quiet', { limit_ms: 3_600_000 });
  assert.equal(quiet, true);
  const [first, second, third] = await invoke('get', { key: 'tries' });
  assert.deepEqual(first, { at: START });
  assert.equal(second.at, START + 5 * SECOND);
  assert.deepEqual([second.retryCount, second.retryReason], [1, 'FUNCTION_PLATFORM_UNKNOWN_ERROR']);
  assert.equal(third.at, START + 605 * SECOND);
  assert.deepEqual(
    [third.retryCount, third.retryReason, third.retryData],
    [2, 'FUNCTION_UPSTREAM_RATE_LIMITED', { n: 1 }],
  );
  assert.equal(third.retentionWindow.startTime, START);
});

test('an event that always fails is dropped after a day, and that is said', async (t) => {
  const { invoke, post, get, complaints } = await start(t);
  await invoke('push', { events: body('fail') });
  await post('/api/run-until-quiet', { limit_ms: 2 * 86_400_000 });
  const [delivery] = await get('/api/deliveries?kind=consumer');
  assert.equal(delivery.state, 'failed');
  assert.ok(delivery.attempt > 90, `${delivery.attempt} attempts`);
  assert.match(complaints.join('\n'), /dropped at the end of its retention window/);
});

test('duplicates and another order, the same for the same seed', async (t) => {
  const order = async (chaos) => {
    const { invoke, settle } = await start(t, { chaos });
    const lock = { key: 'one', limit: 1 };
    const events = Array.from({ length: 12 }, () => ({
      ...body('count', { key: 'seen' }),
      concurrency: lock,
    }));
    await invoke('push', { events });
    await settle();
    return (await invoke('get', { key: 'seen' })).map((id) => Number(id.split('-').pop()));
  };
  const sorted = Array.from({ length: 12 }, (_, n) => n);
  assert.deepEqual(await order({}), sorted);
  const twice = await order({ duplicates: 0.5, reorder: true, seed: '7' });
  assert.ok(twice.length > 12, `${twice.length} deliveries`);
  assert.notDeepEqual([...new Set(twice)], sorted);
  assert.deepEqual(
    [...new Set(twice)].sort((a, b) => a - b),
    sorted,
  );
  assert.deepEqual(await order({ duplicates: 0.5, reorder: true, seed: '7' }), twice);
});

test('a job tells its progress; what has not started can be cancelled', async (t) => {
  const { invoke, settle } = await start(t);
  const {
    ok: { jobId },
  } = await invoke('push', {
    events: [body('note', { key: 'n', value: 1 }), { ...body('fail'), delayInSeconds: 900 }],
  });
  await settle();
  assert.deepEqual((await invoke('stats', { jobId })).ok, { success: 1, inProgress: 1, failed: 0 });
  assert.equal((await invoke('cancel', { jobId })).error, undefined);
  assert.deepEqual((await invoke('stats', { jobId })).ok, { success: 1, inProgress: 0, failed: 1 });
  assert.equal((await invoke('stats', { jobId: 'none' })).error.name, 'JobDoesNotExistError');
});

test('sizes: 50 events, 200 KB, 100 KB for a long-running consumer', async (t) => {
  const { invoke } = await start(t);
  const push = (payload) => invoke('push-unchecked', payload);
  const of = (bytes) => ({ body: { text: 'x'.repeat(bytes) } });
  assert.equal(await push({ payload: Array.from({ length: 51 }, () => body('none')) }), 413);
  assert.equal(await push({ payload: [of(101 * 1024)] }), 413);
  assert.equal(await push({ payload: [of(99 * 1024), of(99 * 1024), of(9 * 1024)] }), 413);
  assert.equal(await push({ queueName: 'quick', payload: [of(101 * 1024)] }), 201);
  assert.equal(await push({ payload: [{ ...body('none'), delayInSeconds: 901 }] }), 400);
  assert.equal(await push({ queueName: 'nowhere', payload: [body('none')] }), 404);
});

test('500 events a minute', async (t) => {
  const { invoke, advance } = await start(t);
  const fifty = Array.from({ length: 50 }, () => ({ ...body('none'), delayInSeconds: 900 }));
  for (let n = 0; n < 10; n += 1)
    assert.equal((await invoke('push', { events: fifty })).error, undefined);
  assert.equal((await invoke('push', { events: body('none') })).error.name, 'RateLimitError');
  await advance({ by_ms: 60_000 });
  assert.equal(
    (await invoke('push', { events: body('note', { key: 'a', value: 1 }) })).error,
    undefined,
  );
});

test('a chain of events ends at 1000 pushes', async (t) => {
  const { invoke, settle, get, platform } = await start(t, { rates: false });
  await invoke('push', { events: body('chain', { left: 3 }) });
  await settle();
  assert.equal(await invoke('get', { key: 'chain' }), 'ended');

  const [{ chain }] = platform.store.all('SELECT DISTINCT chain FROM delivery');
  platform.store.run('UPDATE chain SET pushes = 999 WHERE id = ?', chain);
  const push = { queueName: 'work', jobId: 'j', payload: [body('note', { key: 'x', value: 1 })] };
  assert.equal(platform.queue.push(push, chain).status, 201);
  assert.equal(platform.queue.push(push, chain).status, 405);
  await settle();
  assert.equal((await get('/api/meter')).queue.pushes, 5);
});

test('a product event is tried five times, and never sent back to its cause', async (t) => {
  const { post, settle, get, complaints } = await start(t);
  const event = 'avi:jira:released:version';
  await post('/api/product-events', {
    event,
    actor: 'app',
    payload: { version: { id: '1', name: 'x' } },
  });
  await settle();
  assert.deepEqual(await get('/api/deliveries?kind=trigger'), []);
  await post('/api/product-events', { event, actor: 'ada', payload: { version: null } });
  await post('/api/run-until-quiet', { limit_ms: 3_600_000 });
  const [delivery] = await get('/api/deliveries?kind=trigger');
  assert.deepEqual([delivery.state, delivery.attempt], ['failed', 4]);
  assert.match(complaints.join('\n'), /dropped after 4 retries/);
});
