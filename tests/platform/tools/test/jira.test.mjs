// Jira's simulator: issues, comments, links, search and events.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PEOPLE, RELEASE } from '../worlds/acme-jira.mjs';
import { begin, doc } from './world.mjs';

const PAY_88 = '/rest/api/3/issue/PAY-88';

test('an edit changes fields, properties, time and change log, and is heard of', async () => {
  const { jira, clock, events } = begin();
  const before = (await jira('GET', PAY_88)).body.fields.updated;
  clock.at += 60_000;
  const edit = await jira('PUT', PAY_88, {
    fields: { priority: { name: 'Highest' } },
    properties: [{ key: 'tutti.run', value: { effect_key: 'tt-1/A3/1' } }],
  });
  assert.equal(edit.status, 204);
  const { body } = await jira('GET', `${PAY_88}?fields=priority,updated&properties=tutti.run`);
  assert.deepEqual(Object.keys(body.fields).sort(), ['priority', 'updated']);
  assert.equal(body.fields.priority.name, 'Highest');
  assert.deepEqual(body.properties, { 'tutti.run': { effect_key: 'tt-1/A3/1' } });
  assert.notEqual(body.fields.updated, before);
  const [event] = events;
  assert.equal(event.event, 'avi:jira:updated:issue');
  assert.equal(event.actor, 'app');
  const { field, fromString, toString } = event.payload.changelog.items[0];
  assert.deepEqual([field, fromString, toString], ['priority', 'High', 'Highest']);
  const log = await jira('GET', `${PAY_88}/changelog`);
  assert.equal(log.body.values.at(-1).items[0].toString, 'Highest');
});

test('an edit of nothing leaves no trace, and a refused one takes everything back', async () => {
  const { jira, events, tools } = begin();
  const before = tools.world().jira.issues['PAY-88'];
  assert.equal((await jira('PUT', PAY_88, { fields: { priority: { name: 'High' } } })).status, 204);
  const bad = await jira('PUT', PAY_88, {
    fields: { summary: 'new' },
    properties: [{ key: 'tutti.run', value: 'x'.repeat(32_769) }],
  });
  assert.equal(bad.status, 400);
  assert.deepEqual(tools.world().jira.issues['PAY-88'], before);
  assert.deepEqual(events, []);
});

test('what Jira does not take is refused field by field', async () => {
  const { jira } = begin();
  for (const [fields, field] of [
    [{ description: 'plain text' }, 'description'],
    [{ priority: { name: 'Urgent' } }, 'priority'],
    [{ labels: ['two words'] }, 'labels'],
    [{ assignee: { accountId: PEOPLE.otto } }, 'assignee'],
    [{ customfield_99999: 1 }, 'customfield_99999'],
    [{ summary: ' ' }, 'summary'],
  ]) {
    const { status, body } = await jira('PUT', PAY_88, { fields });
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(body.errors), [field]);
  }
  const comment = await jira('POST', `${PAY_88}/comment`, { body: 'plain text' });
  assert.equal(comment.status, 400);
});

test('comments keep their properties and are found again by them', async () => {
  const { jira, events } = begin();
  const properties = [{ key: 'tutti.run', value: { effect_key: 'tt-1/A4/1' } }];
  const made = await jira('POST', `${PAY_88}/comment`, { body: doc('hello'), properties });
  assert.equal(made.status, 201);
  assert.equal(events[0].event, 'avi:jira:commented:issue');
  assert.equal(events[0].payload.comment.id, made.body.id);
  const { id } = made.body;
  const list = await jira('POST', '/rest/api/3/comment/list?expand=properties', {
    ids: [Number(id)],
  });
  assert.deepEqual(list.body.values[0].properties, properties);
  const all = await jira('GET', `${PAY_88}/comment?orderBy=-created`);
  assert.equal(all.body.total, 1);
  const property = `/rest/api/3/comment/${id}/properties/tutti.run`;
  assert.deepEqual((await jira('GET', property)).body, properties[0]);
  assert.equal((await jira('PUT', `${PAY_88}/comment/${id}`, { body: doc('bye') })).status, 200);
  assert.equal((await jira('DELETE', `${PAY_88}/comment/${id}`)).status, 204);
  assert.equal((await jira('GET', `${PAY_88}/comment/${id}`)).status, 404);
});

test('nobody but its author or an administrator deletes a comment', async () => {
  const { jira } = begin();
  const { body } = await jira('POST', `${PAY_88}/comment`, { body: doc('mine') }, PEOPLE.ben);
  const path = `${PAY_88}/comment/${body.id}`;
  assert.equal((await jira('DELETE', path, undefined, PEOPLE.ana)).status, 403);
  assert.equal((await jira('DELETE', path, undefined, PEOPLE.paula)).status, 204);
});

test('a remote link exists once per global id', async () => {
  const { jira, tools } = begin();
  const link = (title) => ({
    globalId: 'tutti:tt-1/A1/1',
    object: { url: 'https://a.example', title },
  });
  const first = await jira('POST', `${PAY_88}/remotelink`, link('one'));
  const second = await jira('POST', `${PAY_88}/remotelink`, link('two'));
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.equal(first.body.id, second.body.id);
  const found = `${PAY_88}/remotelink?globalId=${encodeURIComponent('tutti:tt-1/A1/1')}`;
  assert.equal((await jira('GET', found)).body.object.title, 'two');
  assert.equal(tools.world().jira.issues['PAY-88'].remoteLinks.length, 1);
  assert.equal(
    (await jira('POST', `${PAY_88}/remotelink`, { object: { title: 'x' } })).status,
    400,
  );
  assert.equal((await jira('DELETE', found)).status, 204);
  assert.equal((await jira('GET', found)).status, 404);
});

test('a property is created, then updated, and never more than 32 KB', async () => {
  const { jira } = begin();
  const path = `${PAY_88}/properties/tutti.gate`;
  assert.equal((await jira('GET', path)).status, 404);
  assert.equal((await jira('PUT', path, { verdict: 'go' })).status, 201);
  assert.equal((await jira('PUT', path, { verdict: 'hold' })).status, 200);
  assert.deepEqual((await jira('GET', path)).body, {
    key: 'tutti.gate',
    value: { verdict: 'hold' },
  });
  assert.equal((await jira('PUT', path, { text: 'x'.repeat(32_768) })).status, 400);
  assert.equal((await jira('DELETE', path)).status, 204);
  assert.equal((await jira('DELETE', path)).status, 404);
});

const search = async (jira, jql, more = {}) =>
  jira('POST', '/rest/api/3/search/jql', { jql, fields: ['summary'], ...more });

test('JQL finds what it says and refuses what it does not know', async () => {
  const { jira } = begin();
  const keys = async (jql) => (await search(jira, jql)).body.issues.map(({ key }) => key);
  const open = 'project = PAY AND issuetype = Bug AND statusCategory != Done';
  assert.equal((await keys(`${open} ORDER BY updated DESC`)).at(0), 'PAY-90');
  assert.deepEqual(await keys(`${open} AND text ~ "502 gateway"`), ['PAY-88']);
  assert.deepEqual(await keys('key in (PAY-88, PAY-71) ORDER BY key'), ['PAY-71', 'PAY-88']);
  assert.deepEqual(await keys('component = gateway AND NOT status = Done ORDER BY key DESC'), [
    'PAY-88',
    'PAY-79',
  ]);
  assert.deepEqual(await keys('fixVersion = 4.12.3 OR summary ~ "\\"saved cards\\""'), [
    'PAY-88',
    'PAY-85',
  ]);
  assert.deepEqual(await keys('project = PAY AND assignee is EMPTY AND created >= -6d'), [
    'PAY-90',
    'PAY-87',
  ]);
  assert.deepEqual(await keys('project = SEC'), [], 'the app may not see it');
  for (const jql of [
    'ORDER BY key',
    '',
    'nonsense = 1',
    'project = ',
    'status ~ "x"',
    'text = "x"',
  ]) {
    assert.equal((await search(jira, jql)).status, 400, jql);
  }
});

test('search gives ids unless asked for more, page by page', async () => {
  const { jira } = begin();
  const jql = 'project = PAY ORDER BY key';
  const first = await search(jira, jql, { fields: undefined, maxResults: 5 });
  assert.deepEqual(Object.keys(first.body.issues[0]), ['id']);
  assert.equal(first.body.isLast, false);
  const rest = await search(jira, jql, { maxResults: 5, nextPageToken: first.body.nextPageToken });
  assert.deepEqual(
    rest.body.issues.map(({ key }) => key),
    ['PAY-87', 'PAY-88', 'PAY-90'],
  );
  assert.deepEqual([rest.body.isLast, 'nextPageToken' in rest.body], [true, false]);
  assert.equal((await jira('GET', '/rest/api/3/search?jql=project=PAY')).status, 410);
});

test('who may not see an issue does not learn that it exists', async () => {
  const { jira } = begin();
  assert.equal((await jira('GET', PAY_88, undefined, PEOPLE.otto)).status, 404);
  assert.equal((await jira('GET', '/rest/api/3/issue/SEC-3')).status, 404);
  assert.equal((await jira('GET', '/rest/api/3/issue/SEC-3', undefined, PEOPLE.jonas)).status, 200);
  assert.equal((await jira('GET', '/rest/api/3/issue/PAY-999')).status, 404);
  assert.equal((await jira('GET', PAY_88, undefined, 'nobody')).status, 401);
});

test('permissions are answered for others only to the app and to administrators', async () => {
  const { jira } = begin();
  const ask = (accountId, actor) =>
    jira(
      'POST',
      '/rest/api/3/permissions/check',
      {
        accountId,
        projectPermissions: [{ permissions: ['ADMINISTER_PROJECTS'], projects: [10001] }],
        globalPermissions: ['ADMINISTER'],
      },
      actor,
    );
  const held = async (who) => {
    const { body } = await ask(who);
    return [body.projectPermissions[0].projects.length, body.globalPermissions.length];
  };
  assert.deepEqual(await held(PEOPLE.paula), [1, 0]);
  assert.deepEqual(await held(PEOPLE.jonas), [1, 1]);
  assert.deepEqual(await held(PEOPLE.ana), [0, 0]);
  assert.equal((await ask(PEOPLE.paula, PEOPLE.ana)).status, 403);
  const mine = await jira(
    'GET',
    '/rest/api/3/mypermissions?projectKey=PAY&permissions=EDIT_ISSUES,ADMINISTER',
    undefined,
    PEOPLE.ana,
  );
  const { EDIT_ISSUES: edit, ADMINISTER: administer } = mine.body.permissions;
  assert.deepEqual([edit.havePermission, administer.havePermission], [true, false]);
});

test('releasing a version is an event, and only for project administrators', async () => {
  const { jira, events } = begin();
  const path = `/rest/api/3/version/${RELEASE}`;
  assert.equal((await jira('PUT', path, { released: true }, PEOPLE.ben)).status, 404);
  const { body } = await jira('PUT', path, { released: true }, PEOPLE.paula);
  assert.deepEqual([body.released, body.releaseDate], [true, '2026-03-10']);
  assert.equal(events[0].event, 'avi:jira:released:version');
  assert.deepEqual(events[0].payload.version.id, RELEASE);
  const unreleased = await jira('GET', '/rest/api/3/project/PAY/version?status=unreleased');
  assert.equal(unreleased.body.total, 0);
});

test('the twenty-first write to an issue within two seconds is too much', async () => {
  const { jira, clock } = begin();
  for (let at = 0; at < 20; at += 1) {
    assert.ok((await jira('PUT', `${PAY_88}/properties/p${at}`, { at })).status < 300);
  }
  const { status, headers } = await jira('PUT', `${PAY_88}/properties/p`, { at: 21 });
  assert.equal(status, 429);
  assert.equal(headers.get('ratelimit-reason'), 'jira-per-issue-on-write');
  assert.equal(headers.get('retry-after'), '2');
  assert.equal((await jira('PUT', '/rest/api/3/issue/PAY-87/properties/p', { at: 1 })).status, 201);
  clock.at += 2_000;
  assert.equal((await jira('PUT', `${PAY_88}/properties/p`, { at: 21 })).status, 201);
});

test('an issue is created with its marker, moved, and numbered on', async () => {
  const { jira, events } = begin();
  const { status, body } = await jira('POST', '/rest/api/3/issue', {
    fields: {
      project: { key: 'PAY' },
      issuetype: { name: 'Bug' },
      summary: 'Checkout is down',
      description: doc('It is.'),
    },
    properties: [{ key: 'tutti.run', value: { effect_key: 'tt-1/new/1' } }],
  });
  assert.deepEqual([status, body.key], [201, 'PAY-91']);
  const path = `/rest/api/3/issue/${body.key}`;
  assert.equal(
    (await jira('POST', `${path}/transitions`, { transition: { id: '41' } })).status,
    204,
  );
  const { fields } = (await jira('GET', path)).body;
  assert.deepEqual([fields.status.name, fields.resolution.name], ['Done', 'Done']);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['avi:jira:created:issue', 'avi:jira:updated:issue'],
  );
  assert.equal(events[1].payload.associatedStatuses.statuses.length, 2);
});

test('people are found by the beginning of a name or an address', async () => {
  const { jira } = begin();
  const find = async (query) => (await jira('GET', `/rest/api/3/user/search?query=${query}`)).body;
  assert.deepEqual(
    (await find('dana@tutti.example')).map(({ accountId }) => accountId),
    [PEOPLE.dana],
  );
  assert.deepEqual(
    (await find('rey')).map(({ displayName }) => displayName),
    ['Dana Reyes'],
  );
  assert.deepEqual(await find('nobody@tutti.example'), []);
  assert.equal((await jira('GET', '/rest/api/3/user/search')).status, 400);
});
