/**
 * Calls leave only where the manifest lets them: products within scopes, hosts on the egress list.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { start } from './start.mjs';

const call = ({ invoke }, url, init) => invoke('fetch', { url, init });

test('a simulated host answers, others cannot be reached or are refused', async (t) => {
  const platform = await start(t);
  const headers = { authorization: 'Bearer x' };
  const { ok } = await call(platform, 'https://tool.example/hello', { headers });
  assert.deepEqual([ok.status, JSON.parse(ok.body)], [200, { hello: 'Bearer x' }]);
  const gone = await call(platform, 'https://gone.example/');
  assert.deepEqual([gone.error.name, gone.error.message], ['TypeError', 'fetch failed']);
  const denied = await call(platform, 'https://other.example/');
  assert.deepEqual([denied.error.name, denied.error.status], ['REQUEST_EGRESS_ALLOWLIST_ERR', 403]);
  const port = await call(platform, 'https://tool.example:9999/hello');
  assert.equal(port.error.status, 403);
});

test('a redirect is followed only to where the manifest allows', async (t) => {
  const platform = await start(t);
  const away = await call(platform, 'https://tool.example/away');
  assert.equal(away.error.name, 'REQUEST_EGRESS_ALLOWLIST_ERR');
  const home = await call(platform, 'https://tool.example/home', {
    headers: { authorization: 'secret' },
  });
  assert.deepEqual(JSON.parse(home.ok.body), { wild: true, auth: null });
  const manual = await call(platform, 'https://tool.example/home', { redirect: 'manual' });
  assert.equal(manual.ok.status, 302);
});

test('a connection dropped after the commit leaves the write and no answer', async (t) => {
  const platform = await start(t);
  await platform.post('/api/faults', { effect: 'drop_after' });
  const { error } = await call(platform, 'https://tool.example/notes', {
    method: 'POST',
    body: 'once',
  });
  assert.equal(error.name, 'TypeError');
  assert.deepEqual((await platform.get('/api/world')).notes, ['once']);
  const calls = await platform.get('/api/calls');
  assert.deepEqual(
    calls.map(({ host, method, status, dropped }) => [host, method, status, dropped]),
    [['tool.example', 'POST', null, true]],
  );
});

test('a mapped host is a real server', async (t) => {
  const server = createServer((request, response) =>
    response.end(`${request.method} ${request.url}`),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const real = `http://127.0.0.1:${server.address().port}/base`;
  const platform = await start(t, { map: { 'https://real.example': real } });
  const { ok } = await call(platform, 'https://real.example/v1/x?y=1', {
    method: 'POST',
    body: '{}',
  });
  assert.equal(ok.body, 'POST /base/v1/x?y=1');
});

test('100 outside calls for each minute of declared time', async (t) => {
  const { invoke } = await start(t);
  const statuses = await invoke('fetch-many', { url: 'https://tool.example/hello', times: 102 });
  assert.deepEqual(statuses.slice(98), [200, 200, 429, 429]);
});

/** Contracts of our own, so that the check is tested where the vendors' are absent. */
function contracts(t) {
  const directory = mkdtempSync(join(tmpdir(), 'contracts-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const scopes = (classic, granular) => ({ classic, granular });
  writeFileSync(
    join(directory, 'jira-v3-scopes.json'),
    JSON.stringify({
      'GET /rest/api/3/issue/{id}': scopes(['read:jira-work'], []),
      'GET /rest/api/3/issue/special': scopes(['manage:jira-configuration'], []),
      'POST /rest/api/3/issue/{id}/comment': scopes(['write:jira-work'], []),
      'PUT /rest/api/3/settings': scopes(['manage:jira-configuration'], ['write:settings:jira']),
    }),
  );
  return directory;
}

test('products: scopes of the manifest, acting users, everything on record', async (t) => {
  const { invoke, get } = await start(t, { contracts: contracts(t) });
  const jira = async (request) => (await invoke('jira', request)).ok?.status;
  assert.equal(await jira({ path: '/rest/api/3/issue/PAY-1' }), 200);
  assert.equal(
    await jira({ path: '/rest/api/3/issue/PAY-1/comment', method: 'POST', as: 'user' }),
    201,
  );
  assert.equal(await jira({ path: '/rest/api/3/issue/special' }), 403);
  assert.equal(await jira({ path: '/rest/api/3/settings', method: 'PUT' }), 403);
  assert.deepEqual((await get('/api/world')).notes, ['comment on PAY-1 by ada']);
  const calls = (await get('/api/calls')).map(
    ({ method, template, actor, scopes, status, missing }) => ({
      method,
      template,
      actor,
      scopes,
      status,
      ...(missing && { missing }),
    }),
  );
  assert.deepEqual(calls.slice(0, 3), [
    {
      method: 'GET',
      template: '/rest/api/3/issue/{id}',
      actor: 'app',
      scopes: ['read:jira-work'],
      status: 200,
    },
    {
      method: 'POST',
      template: '/rest/api/3/issue/{id}/comment',
      actor: 'ada',
      scopes: ['write:jira-work'],
      status: 201,
    },
    {
      method: 'GET',
      template: '/rest/api/3/issue/special',
      actor: 'app',
      scopes: ['manage:jira-configuration'],
      status: 403,
      missing: ['manage:jira-configuration'],
    },
  ]);
});

test('points are counted as Jira counts them', async (t) => {
  const { invoke, get } = await start(t);
  await invoke('jira', { path: '/rest/api/3/issue/PAY-1' });
  await invoke('jira', { path: '/rest/api/3/myself' });
  await invoke('jira', { path: '/rest/api/3/issue/PAY-1/comment', method: 'POST' });
  const { points, calls } = await get('/api/meter');
  assert.deepEqual([points, calls.jira], [{ jira: 2 + 3 + 1 }, { GET: 2, POST: 1 }]);
});

test('nobody is impersonated without a user or the permission for it', async (t) => {
  const { invoke, invokeAs } = await start(t, { contracts: contracts(t) });
  const path = '/rest/api/3/issue/PAY-1';
  const nobody = (await invokeAs(undefined, 'jira', { path, as: 'user' })).body.result;
  assert.deepEqual([nobody.error.name, nobody.error.status], ['NEEDS_AUTHENTICATION_ERR', 401]);
  assert.equal((await invoke('jira', { path, as: 'user', account: 'ben' })).ok.status, 403);
  assert.equal(
    (await invoke('confluence', { path: '/wiki/api/v2/pages/1' })).error.name,
    'PROXY_ERR',
  );
});
