// GitLab's simulator, through the client people use and through its webhooks.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gitlab } from '@gitbeaker/rest';

import { CREDENTIALS } from '../worlds/acme.mjs';
import { begin, open } from './world.mjs';

const { token } = CREDENTIALS.gitlab;

function connected() {
  const world = begin();
  const app = world.tools.hosts['gitlab.com'];
  const ask = async (method, path, body, headers = { 'private-token': token }) => {
    const answer = await app.request(`https://gitlab.com/api/v4${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  };
  return { ...world, app, ask };
}

const MR = '/projects/42/merge_requests/913';

test('gitbeaker reads and writes as it would at gitlab.com', async (t) => {
  const { app, tools } = connected();
  const api = new Gitlab({ host: await open(t, app), token });
  const mr = await api.MergeRequests.show(42, 913);
  assert.deepEqual(
    [mr.title, mr.state, mr.head_pipeline.status],
    ['fix gateway pool leak', 'opened', 'running'],
  );
  const note = await api.MergeRequestNotes.create(42, 913, 'ACME waits.\n\nTutti-Run: tt-1/A5/1');
  const notes = await api.MergeRequestNotes.all(42, 913);
  assert.deepEqual(
    notes.map(({ id }) => id),
    [note.id],
  );
  const edited = await api.MergeRequests.edit(42, 913, { addLabels: 'customer-escalation' });
  assert.deepEqual(edited.labels, ['bug', 'customer-escalation', 'gateway']);
  assert.equal((await api.Pipelines.show(42, 5001)).status, 'running');
  const [deployed] = await api.Deployments.all(42, { sort: 'desc' });
  assert.equal(deployed.ref, 'v4.12.0');
  await api.MergeRequestNotes.remove(42, 913, note.id);
  assert.deepEqual(tools.world().gitlab.mergeRequests[913].notes, []);
});

test('a project is known by number or path, a token by two headers', async () => {
  const { ask } = connected();
  const path = encodeURIComponent('tutti-shop/checkout-gateway');
  assert.equal((await ask('GET', `/projects/${path}/merge_requests/913`)).body.iid, 913);
  const bearer = { authorization: `Bearer ${token}` };
  assert.equal((await ask('GET', MR, undefined, bearer)).status, 200);
  const { status, body } = await ask('GET', MR, undefined, { 'private-token': 'x' });
  assert.deepEqual([status, body], [401, { message: '401 Unauthorized' }]);
  assert.deepEqual((await ask('GET', '/projects/43')).body, { message: '404 Project Not Found' });
  assert.equal((await ask('GET', '/projects/42/merge_requests/1')).status, 404);
});

test('merge requests are found by what they say', async () => {
  const { ask } = connected();
  const find = async (query) =>
    (await ask('GET', `/projects/42/merge_requests?${query}`)).body.map(({ iid }) => iid);
  assert.deepEqual(await find('search=PAY-88'), [913]);
  assert.deepEqual(await find('state=opened'), [913, 909]);
  assert.deepEqual(await find('state=merged'), []);
});

test('notes come page by page, the newest first', async () => {
  const { ask, clock } = connected();
  for (const body of ['one', 'two', 'three']) {
    clock.at += 1_000;
    assert.equal((await ask('POST', `${MR}/notes`, { body })).status, 201);
  }
  const first = await ask('GET', `${MR}/notes?per_page=2`);
  assert.deepEqual(
    first.body.map(({ body }) => body),
    ['three', 'two'],
  );
  assert.deepEqual(
    ['x-total', 'x-next-page'].map((name) => first.headers.get(name)),
    ['3', '2'],
  );
  assert.match(first.headers.get('link'), /page=2&.*rel="next"|per_page=2.*rel="next"/);
  const oldest = await ask('GET', `${MR}/notes?sort=asc&per_page=1`);
  assert.equal(oldest.body[0].body, 'one');
});

test('a note needs text, an update needs something to change', async () => {
  const { ask } = connected();
  assert.equal((await ask('POST', `${MR}/notes`, {})).status, 400);
  assert.equal((await ask('POST', `${MR}/notes`, { body: ' ' })).status, 400);
  assert.equal((await ask('PUT', MR, {})).status, 400);
  assert.equal((await ask('GET', `${MR}/notes/1`)).status, 404);
});

test('hooks hear of what they asked for, with their token, and never show it', async () => {
  const { ask, tools, events, clock } = connected();
  const url = 'https://trigger.example/x1';
  const made = await ask('POST', '/projects/42/hooks', {
    url,
    token: 'hook-secret',
    pipeline_events: true,
    merge_requests_events: true,
    push_events: false,
  });
  assert.equal(made.status, 201);
  assert.equal('token' in made.body, false);
  await ask('PUT', MR, { add_labels: 'customer-escalation' });
  await ask('PUT', MR, { add_labels: 'customer-escalation' });
  clock.at += 12 * 60_000;
  await tools.tick();
  assert.deepEqual(
    events.map(({ headers }) => headers['x-gitlab-event']),
    ['Merge Request Hook', 'Pipeline Hook'],
    'a label that is there changes nothing',
  );
  const [labelled, finished] = events;
  assert.equal(finished.url, url);
  assert.equal(finished.headers['x-gitlab-token'], 'hook-secret');
  const { object_kind: kind, object_attributes: pipeline } = JSON.parse(finished.body);
  assert.deepEqual([kind, pipeline.id, pipeline.status], ['pipeline', 5001, 'success']);
  assert.deepEqual(
    JSON.parse(labelled.body).changes.labels.current.map(({ title }) => title),
    ['bug', 'customer-escalation', 'gateway'],
  );
  assert.notEqual(labelled.headers['idempotency-key'], finished.headers['idempotency-key']);
});
