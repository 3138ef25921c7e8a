// The chaos switch: every fault strikes as often as it was told to, and is counted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import Database from 'libsql';

import { Dropped } from '../index.mjs';
import { CREDENTIALS } from '../worlds/acme.mjs';
import { begin, open } from './world.mjs';

const PROPERTY = '/rest/api/3/issue/PAY-88/properties/p';

test('a connection breaks before anything happens, or after everything has', async () => {
  const { jira, tools } = begin();
  const { faults } = tools;
  faults.add({ tool: 'jira', method: 'PUT', path: '/properties/p$', effect: 'drop_before' });
  await assert.rejects(jira('PUT', PROPERTY, { at: 1 }), Dropped);
  assert.equal((await jira('GET', PROPERTY)).status, 404);
  faults.add({ tool: 'jira', method: 'PUT', effect: 'drop_after' });
  await assert.rejects(jira('PUT', PROPERTY, { at: 2 }), Dropped);
  assert.deepEqual((await jira('GET', PROPERTY)).body.value, { at: 2 });
  assert.equal((await jira('PUT', PROPERTY, { at: 3 })).status, 200, 'each struck once');
  assert.deepEqual(
    faults.list().map(({ hits }) => hits),
    [1, 1],
  );
});

test('over a socket, a dropped connection is a broken one', async (t) => {
  const { tools } = begin();
  const url = await open(t, tools.hosts['gitlab.com']);
  tools.faults.add({ tool: 'gitlab', effect: 'drop_after' });
  const note = () =>
    fetch(`${url}/api/v4/projects/42/merge_requests/913/notes`, {
      method: 'POST',
      headers: { 'private-token': CREDENTIALS.gitlab.token, 'content-type': 'application/json' },
      body: JSON.stringify({ body: 'Tutti-Run: k' }),
    });
  await assert.rejects(note(), TypeError);
  assert.equal(tools.world().gitlab.mergeRequests[913].notes.length, 1);
});

test('a fault strikes as often as it says, where it says', async () => {
  const { jira, tools } = begin();
  tools.faults.add({ tool: 'jira', path: '/properties/', effect: 'status', status: 500, times: 2 });
  assert.equal((await jira('GET', '/rest/api/3/issue/PAY-88')).status, 200);
  const statuses = [];
  for (let at = 0; at < 3; at += 1) statuses.push((await jira('PUT', PROPERTY, { at })).status);
  assert.deepEqual(statuses, [500, 500, 201]);
  tools.faults.add({ tool: 'jira', effect: 'status', status: 503, times: null });
  for (let at = 0; at < 3; at += 1) assert.equal((await jira('GET', PROPERTY)).status, 503);
  tools.faults.clear({ tool: 'jira' });
  assert.equal((await jira('GET', PROPERTY)).status, 200);
});

test('every tool words a refusal, a broken page and a lost session in its own way', async () => {
  const { tools } = begin();
  const paths = {
    jira: [tools.products.jira, 'https://jira.local/rest/api/3/myself', 401],
    confluence: [tools.products.confluence, 'https://confluence.local/wiki/api/v2/spaces', 401],
    salesforce: [
      tools.hosts['acme.my.salesforce.com'],
      'https://acme.my.salesforce.com/services/data',
      401,
    ],
    gitlab: [tools.hosts['gitlab.com'], 'https://gitlab.com/api/v4/user', 401],
    slack: [tools.hosts['slack.com'], 'https://slack.com/api/auth.test', 200],
    model: [tools.hosts['api.openai.com'], 'https://api.openai.com/v1/models', 401],
  };
  for (const [tool, [app, url, unauthorized]] of Object.entries(paths)) {
    tools.faults.add({ tool, effect: 'unauthorized' });
    tools.faults.add({ tool, effect: 'html' });
    tools.faults.add({ tool, effect: 'status', status: 429, retry_after: 5 });
    const lost = await app.request(url);
    assert.equal(lost.status, unauthorized, tool);
    assert.equal(typeof (await lost.json()), 'object');
    const page = await app.request(url);
    assert.deepEqual([page.status, page.headers.get('content-type')], [502, 'text/html']);
    const late = await app.request(url);
    assert.deepEqual([late.status, late.headers.get('retry-after')], [429, '5']);
    await late.json();
  }
});

test('an answer is cut in half although the work is done', async () => {
  const { jira, tools } = begin();
  tools.faults.add({ tool: 'jira', method: 'PUT', effect: 'malformed' });
  await assert.rejects(jira('PUT', PROPERTY, { at: 1 }), SyntaxError);
  assert.equal((await jira('GET', PROPERTY)).status, 200);
});

test('a part of an answer goes on and on', async () => {
  const { jira, tools } = begin();
  const at = '/displayName';
  tools.faults.add({ tool: 'jira', effect: 'large', at, bytes: 3_000_000 });
  const { status, body } = await jira('GET', '/rest/api/3/myself');
  assert.equal(status, 200);
  assert.ok(body.displayName.length >= 3_000_000);
  const { body: usual } = await jira('GET', '/rest/api/3/myself');
  assert.ok(body.displayName.startsWith(usual.displayName.repeat(2)));
});

test('a slow answer takes virtual time only', async () => {
  const { jira, tools, clock } = begin();
  clock.sleep = async (ms) => {
    clock.at += ms;
  };
  const before = clock.at;
  tools.faults.add({ tool: 'jira', effect: 'slow', ms: 90_000 });
  const { status, headers } = await jira('GET', '/rest/api/3/myself');
  assert.deepEqual([status, headers.get('x-tutti-slow-ms')], [200, '90000']);
  assert.equal(clock.at - before, 90_000);
});

test('somebody else is faster', async () => {
  const { confluence, tools } = begin();
  const path = '/wiki/api/v2/pages/7001';
  const { body: page } = await confluence('GET', `${path}?body-format=atlas_doc_format`);
  tools.faults.add({ tool: 'confluence', method: 'PUT', effect: 'meanwhile', action: 'edit-page' });
  const { value } = page.body.atlas_doc_format;
  const body = { representation: 'atlas_doc_format', value };
  const write = (number) =>
    confluence('PUT', path, { id: '7001', status: 'current', title: page.title, body, version: { number } });
  assert.equal((await write(page.version.number + 1)).status, 409);
  assert.equal((await write(page.version.number + 2)).status, 200);
});

test('a fault must be one', () => {
  const { faults } = begin().tools;
  assert.throws(() => faults.add({ tool: 'jira', effect: 'explode' }), TypeError);
  assert.throws(() => faults.add({ effect: 'html' }), TypeError);
  assert.throws(() => faults.add({ tool: 'jira', path: '(', effect: 'html' }), SyntaxError);
});

function database(t) {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state.db');
}

test('what was answered is kept, although the process is killed', async (t) => {
  const file = database(t);
  const script = new URL('killed.mjs', import.meta.url).pathname;
  const { signal } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  assert.equal(signal, 'SIGKILL');
  const { tools, events } = begin({ db: new Database(file), name: null });
  assert.equal(tools.world().jira.issues['PAY-88'].comments.length, 1);
  await tools.tick();
  assert.ok(events.length <= 1, 'the event had left, or leaves now');
});

test('state and faults outlive the process, and no number is given twice', async (t) => {
  const file = database(t);
  const first = begin({ db: new Database(file) });
  const link = (globalId) => ({ globalId, object: { url: 'https://a.example', title: 'x' } });
  const path = '/rest/api/3/issue/PAY-88/remotelink';
  const { body: one } = await first.jira('POST', path, link('a'));
  await first.jira('DELETE', `${path}/${one.id}`);
  first.tools.faults.add({ tool: 'jira', method: 'POST', effect: 'drop_before' });
  first.db.close();
  const second = begin({ db: new Database(file), name: null });
  await assert.rejects(second.jira('POST', path, link('b')), Dropped);
  const { body: two } = await second.jira('POST', path, link('b'));
  assert.ok(two.id > one.id);
  second.db.close();
});
