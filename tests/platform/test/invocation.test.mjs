/**
 * Every function runs within its time, memory and sizes, and as the one who asked.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './start.mjs';

const people = (count) => Array.from({ length: count }, (_, n) => `user-${n}`);

for (const perChild of [1, 20]) {
  test(`20 invocations at once are not mixed up, ${perChild} to a process`, async (t) => {
    const { invokeAs } = await start(t, { perChild });
    const answers = await Promise.all(
      people(20).map((name) => invokeAs(name, 'whoami', {}, { issue: { key: `PAY-${name}` } })),
    );
    answers.forEach(({ body: { result } }, n) => {
      assert.equal(result.claimed, `user-${n}`);
      assert.equal(result.acted, `user-${n}`);
      assert.equal(result.issue, `PAY-user-${n}`);
    });
    assert.equal(new Set(answers.map(({ body }) => body.result.invocation)).size, 20);
  });
}

test('a process is used again', async (t) => {
  const { invoke } = await start(t);
  assert.equal(await invoke('remember-pid'), await invoke('remember-pid'));
});

test('a function over its time is stopped, and its process with it', async (t) => {
  const { invoke, settle, get } = await start(t);
  await invoke('push', { queue: 'quick', events: { body: { task: 'hang' } } });
  await settle();
  const [delivery] = await get('/api/deliveries?kind=consumer');
  assert.deepEqual([delivery.state, delivery.attempt], ['waiting', 1]);
  const logs = await get('/api/logs?level=error');
  assert.match(
    logs.map(({ line }) => line).join('\n'),
    /FUNCTION_TIME_OUT: Function timed out\. Limit of 2 seconds/,
  );
});

test('a process that dies fails its invocation only', async (t) => {
  const { invokeAs, invoke } = await start(t);
  const { status, body } = await invokeAs('ada', 'die');
  assert.equal(status, 500);
  assert.match(body.error.message, /process ended: exit 3/);
  assert.deepEqual(await invoke('echo', { still: 'here' }), { still: 'here' });
});

test('a function over its memory is killed', async (t) => {
  const { invokeAs } = await start(t);
  const { body } = await invokeAs('ada', 'hoard');
  assert.equal(body.error.code, 'FUNCTION_OUT_OF_MEMORY');
});

test('invoke payloads: 500 KB in, 5 MB out', async (t) => {
  const { invokeAs } = await start(t);
  const echo = (bytes) => invokeAs('ada', 'echo', { text: 'x'.repeat(bytes) });
  assert.equal((await echo(499 * 1024)).status, 200);
  assert.equal((await echo(500 * 1024)).status, 413);
  const large = (bytes) => invokeAs('ada', 'large', { bytes });
  assert.equal((await large(5 * 1024 * 1024 - 2)).status, 200);
  assert.equal((await large(5 * 1024 * 1024)).body.error.code, 'RESPONSE_TOO_BIG');
});

test('100 log lines a minute are kept', async (t) => {
  const { invoke, get } = await start(t);
  await invoke('shout', { lines: 130 });
  const lines = (await get('/api/logs')).filter(({ source }) => source === 'panel');
  assert.equal(lines.length, 100);
  assert.equal(lines[0].line, 'line 0');
});

test('an unknown definition is an error of the app', async (t) => {
  const { invokeAs } = await start(t);
  const { status, body } = await invokeAs('ada', 'nothing');
  assert.equal(status, 500);
  assert.match(body.error.message, /Resolver has no definition for 'nothing'/);
});

test('an action is called with its inputs', async (t) => {
  const { post } = await start(t);
  const call = { moduleKey: 'perform-action', body: { say: 'hi' }, accountId: 'ben' };
  assert.deepEqual(await post('/api/call', call), { result: { said: 'hi', user: 'ben' } });
});

test('the app learns its licence', async (t) => {
  const { invoke, post } = await start(t);
  assert.equal((await invoke('whoami')).license, undefined);
  await post('/api/license', { active: false });
  assert.deepEqual((await invoke('whoami')).license, { active: false });
});
