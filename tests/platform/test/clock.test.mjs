/**
 * Time moves when told to, for everybody at once.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { FIXTURE, start, stateFile } from './start.mjs';

const START = Date.parse('2026-03-10T09:00:00Z');
const MINUTE = 60_000;

test("the app sees the platform's time, and what it slept is passed", async (t) => {
  const { invoke, get, advance } = await start(t);
  const { before, after, iso, isDate } = await invoke('time', { sleepMs: 30 });
  assert.deepEqual(
    [before, after, iso, isDate],
    [START, START + 30, new Date(START + 30).toISOString(), true],
  );
  assert.equal((await get('/api/clock')).now, START + 30);
  await advance({ to: '2026-03-10T11:00:00Z' });
  assert.equal((await invoke('time', { sleepMs: 0 })).before, Date.parse('2026-03-10T11:00:00Z'));
});

test('a live clock runs on from where it starts', async (t) => {
  const { invoke } = await start(t, { frozen: false });
  const { before, after } = await invoke('time', { sleepMs: 20 });
  assert.ok(before >= START && before < START + MINUTE);
  assert.ok(after - before >= 19, `${after - before} ms`);
});

test('the five-minute trigger ticks at its own times', async (t) => {
  const { advance, invoke, post } = await start(t);
  const { ran } = await advance({ by_ms: 16 * MINUTE });
  assert.equal(ran, 3);
  const ticks = await invoke('get', { key: 'ticks' });
  assert.deepEqual(
    ticks,
    [5, 10, 15].map((n) => new Date(START + n * MINUTE).toISOString()),
  );
  assert.equal((await post('/api/run-until-quiet', { limit_ms: 60 * MINUTE })).ran, 0);
});

test('the first start tells the app that it is installed, the second does not', async (t) => {
  const state = stateFile(t);
  const manifest = `${state}.yml`;
  const events = 'avi:jira:released:version';
  writeFileSync(
    manifest,
    readFileSync(FIXTURE.manifest, 'utf8').replace(events, `${events}, avi:forge:installed:app`),
  );
  const first = await start(t, { state, manifest });
  await first.settle();
  await first.platform.stop();
  const second = await start(t, { state, manifest });
  await second.settle();
  const told = (await second.get('/api/deliveries?kind=trigger')).map(({ event }) => event);
  assert.deepEqual(
    told.map(({ eventType }) => eventType),
    ['avi:forge:installed:app'],
  );
  assert.match(told[0].id, /^ari:cloud:ecosystem::installation\//);
});
