// The story's buttons: what a world does when something happens in it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { Dropped, createTools } from '../index.mjs';
import { PEOPLE } from '../worlds/acme-jira.mjs';
import { CASE } from '../worlds/acme-salesforce.mjs';
import { START, begin } from './world.mjs';

const MINUTE = 60_000;
const salesforce = { url: 'https://trigger.example/sf', secret: 'webhook-secret' };
const gitlab = { url: 'https://trigger.example/gl', token: 'gitlab-secret' };

const post = async (tools, path, body) => {
  const answer = await tools.control.request(path, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
};

test('the escalation is sent signed, over the bytes that are sent', async () => {
  const { tools, events } = begin();
  assert.equal((await post(tools, '/actions/escalate', {})).status, 400, 'nowhere to send it yet');
  assert.equal((await post(tools, '/configure', { salesforce })).status, 204);
  await post(tools, '/actions/escalate', {});
  const [{ kind, url, headers, body }] = events;
  assert.deepEqual([kind, url], ['http', salesforce.url]);
  assert.deepEqual(JSON.parse(body), {
    eventId: 'e-771',
    caseId: CASE,
    lastModified: '2026-03-10T08:59:40Z',
  });
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-tutti-signature']);
  assert.equal(Number(t), START / 1000);
  assert.equal(v1, createHmac('sha256', salesforce.secret).update(`${t}.${body}`).digest('hex'));
  await post(tools, '/actions/escalate', { lastModified: '2026-03-10T08:00:00Z' });
  assert.equal(JSON.parse(events[1].body).lastModified, '2026-03-10T08:00:00Z');
});

test('pipeline, merge and release happen by themselves, each at its minute', async () => {
  const { tools, clock, events } = begin();
  tools.configure({ gitlab });
  const seen = [];
  for (let due = tools.dueAt(); due !== null; due = tools.dueAt()) {
    clock.at = due;
    await tools.tick();
    const last = events.at(-1);
    seen.push([(due - START) / MINUTE, last.event ?? last.headers['x-gitlab-event']]);
  }
  assert.deepEqual(seen, [
    [12, 'Pipeline Hook'],
    [14, 'Merge Request Hook'],
    [20, 'avi:jira:released:version'],
  ]);
  const world = tools.world();
  assert.equal(world.gitlab.pipelines[5001].status, 'success');
  assert.equal(world.gitlab.mergeRequests[913].state, 'merged');
  assert.equal(events.at(-1).actor, PEOPLE.paula);
});

test('what somebody has done by hand does not happen again by itself', async () => {
  const { tools, clock, events } = begin();
  await tools.act('release-version');
  await assert.rejects(tools.act('release-version'), /is released/);
  clock.at += 30 * MINUTE;
  await tools.tick();
  const released = events.filter(({ event }) => event === 'avi:jira:released:version');
  assert.equal(released.length, 1);
});

test('people change what Tutti has seen', async () => {
  const { tools, events } = begin();
  await post(tools, '/actions/edit-case', {});
  await post(tools, '/actions/change-priority', {});
  const world = tools.world();
  assert.match(world.salesforce.cases[CASE].Description, /it also fails on mobile/);
  assert.equal(world.jira.issues['PAY-88'].priority, 'Low');
  assert.equal(events.at(-1).actor, PEOPLE.ben);
  assert.equal((await post(tools, '/actions/nothing', {})).status, 404);
});

test('a tool is broken and mended from the page', async () => {
  const { tools, jira } = begin();
  await post(tools, '/actions/break-jira', {});
  assert.equal((await jira('GET', '/rest/api/3/myself')).status, 500);
  const faults = await (await tools.control.request('/faults')).json();
  assert.equal(faults[0].hits, 1);
  await post(tools, '/actions/mend-jira', {});
  assert.equal((await jira('GET', '/rest/api/3/myself')).status, 200);
  const made = await post(tools, '/faults', { tool: 'jira', effect: 'drop_before' });
  assert.equal(made.status, 201);
  await tools.control.request(`/faults/${made.body.id}`, { method: 'DELETE' });
  assert.deepEqual(tools.faults.list(), []);
});

test('an event the platform could not take is given again, and counts as due', async () => {
  const { db, clock } = begin();
  const taken = [];
  let down = true;
  const emit = (event) => {
    if (down) throw new Error('not yet');
    taken.push(event);
  };
  const tools = createTools({ db, clock, emit });
  await assert.rejects(tools.act('change-priority'), /not yet/);
  assert.equal(tools.world().jira.issues['PAY-88'].priority, 'Low', 'the change itself stands');
  assert.equal(tools.dueAt(), clock.now());
  down = false;
  await tools.tick();
  assert.deepEqual(
    taken.map(({ event }) => event),
    ['avi:jira:updated:issue'],
  );
  assert.equal(tools.dueAt(), START + 12 * MINUTE);
});

test('every request is on record, unknown ones as problems, and no secret is', async () => {
  const { tools, jira } = begin();
  tools.configure({ salesforce, gitlab });
  await jira('GET', '/rest/api/3/myself', undefined, PEOPLE.ana);
  await jira('GET', '/rest/api/3/dashboard');
  tools.faults.add({ tool: 'jira', effect: 'drop_before' });
  await assert.rejects(jira('GET', '/rest/api/3/myself'), Dropped);
  const requests = await (await tools.control.request('/requests')).json();
  assert.deepEqual(
    requests.map(({ status, actor, dropped, fault }) => [status, actor, dropped, fault]),
    [
      [200, PEOPLE.ana, undefined, undefined],
      [404, undefined, undefined, undefined],
      [undefined, undefined, true, 'drop_before'],
    ],
  );
  assert.equal((await (await tools.control.request('/problems')).json()).length, 1);
  const world = await (await tools.control.request('/world')).text();
  for (const secret of [salesforce.secret, gitlab.token, ...secrets(tools.credentials())]) {
    assert.equal(world.includes(secret), false);
  }
});

const secrets = ({
  salesforce: { client_secret: a },
  gitlab: { token: b },
  slack: { token: c },
}) => [a, b, c];

test('a world begins anew, and the trial world differs in the account only', async () => {
  const { tools, jira } = begin();
  await jira('PUT', '/rest/api/3/issue/PAY-88/properties/p', { at: 1 });
  tools.seed('acme');
  const acme = tools.world();
  assert.deepEqual(acme.jira.issues['PAY-88'].properties, {
    'tutti.customers': { A7: { name: 'Borealis', tier: 'Enterprise', caseId: '5008d00000BORE01' } },
  });
  tools.seed('acme-trial');
  const trial = tools.world();
  const { Is_Trial__c: onTrial, ARR__c: revenue } = trial.salesforce.accounts.A1;
  assert.deepEqual([onTrial, revenue], [true, 0]);
  assert.deepEqual(trial.jira, acme.jira);
  assert.deepEqual(trial.salesforce.cases, acme.salesforce.cases);
  assert.throws(() => tools.seed('nowhere'), /no world nowhere/);
});
