// The simulators judged by the vendors' own documents, in both directions.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Contract } from '../contract.mjs';
import { CREDENTIALS } from '../worlds/acme.mjs';
import { RELEASE } from '../worlds/acme-jira.mjs';
import { begin, contracts, doc, withoutContracts } from './world.mjs';

const PAY_88 = '/rest/api/3/issue/PAY-88';
const needs = { skip: withoutContracts };
const VERSION = { atlas: JSON.stringify(doc('row')), number: 15 };

test(
  'what the escalation sends to Jira and Confluence passes their own contracts',
  needs,
  async () => {
    const { jira, confluence, tools } = begin({ judged: true });
    const properties = [{ key: 'tutti.run', value: { effect_key: 'k' } }];
    for (const [method, path, body, status] of [
      ['GET', `${PAY_88}?fields=summary%2Cstatus%2CfixVersions`, undefined, 200],
      ['POST', '/rest/api/3/search/jql', { jql: 'project = PAY', fields: ['summary'] }, 200],
      [
        'POST',
        `${PAY_88}/remotelink`,
        { globalId: 'tutti:k', object: { url: 'https://a.example', title: 'x' } },
        201,
      ],
      ['PUT', `${PAY_88}/properties/tutti.customers`, { A1: { tier: 'Enterprise' } }, 200],
      ['PUT', PAY_88, { fields: { priority: { name: 'Highest' } }, properties }, 204],
      ['POST', `${PAY_88}/comment`, { body: doc('hello'), properties }, 201],
      ['GET', `/rest/api/3/version/${RELEASE}`, undefined, 200],
      ['GET', '/rest/api/3/user/search?query=dana%40tutti.example&maxResults=2', undefined, 200],
    ]) {
      const answer = await jira(method, path, body);
      assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`);
    }
    const page = '/wiki/api/v2/pages/7001';
    assert.equal((await confluence('GET', `${page}?body-format=atlas_doc_format`)).status, 200);
    const answer = await confluence('PUT', page, {
      id: '7001',
      status: 'current',
      title: 'ACME – account log',
      body: { representation: 'atlas_doc_format', value: VERSION.atlas },
      version: { number: VERSION.number, message: 'Tutti run k' },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(tools.problems(), []);
  },
);

test(
  'a request against the contract is refused with the reason and put on record',
  needs,
  async () => {
    const { jira, tools } = begin({ judged: true });
    for (const [method, path, body, reason] of [
      ['PUT', PAY_88, { fields: 'nope' }, /fields must be object/],
      ['POST', '/rest/api/3/search/jql', { jql: 'project = PAY', startAt: 0 }, /startAt/],
      [
        'POST',
        `${PAY_88}/transitions`,
        { transition: { id: 31 } },
        /transition\/id must be string/,
      ],
      [
        'POST',
        `${PAY_88}/comment`,
        { body: { type: 'doc', version: 1, content: [{ type: 'text' }] } },
        /document/,
      ],
      ['PUT', PAY_88, { fields: { description: 'text' } }, /document/],
    ]) {
      const before = tools.problems().length;
      assert.equal((await jira(method, path, body)).status, 400);
      assert.equal(tools.problems().length, before + 1);
      assert.match(tools.problems().at(-1).problem, reason);
    }
  },
);

test(
  'GitLab and Slack requests against their contracts are put on record only',
  needs,
  async () => {
    const { tools } = begin({ judged: true });
    const gitlab = await tools.hosts['gitlab.com'].request(
      'https://gitlab.com/api/v4/projects/42/merge_requests/913/notes',
      {
        method: 'POST',
        headers: { 'private-token': CREDENTIALS.gitlab.token, 'content-type': 'application/json' },
        body: JSON.stringify({ body: 'fine' }),
      },
    );
    assert.equal(gitlab.status, 201);
    const slack = (args) =>
      tools.hosts['slack.com'].request('https://slack.com/api/chat.postMessage', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${CREDENTIALS.slack.token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(args),
      });
    await slack({
      channel: 'C-ESC',
      text: 'fine',
      metadata: { event_type: 't', event_payload: {} },
    });
    assert.deepEqual(tools.problems(), []);
    assert.equal((await (await slack({ text: 'no channel' })).json()).error, 'channel_not_found');
    assert.match(tools.problems()[0].problem, /channel/);
  },
);

test('events have the shape of the examples somebody else wrote', needs, async () => {
  const examples = JSON.parse(readFileSync(join(contracts, 'forge-event-examples.json'), 'utf8'));
  const { jira, confluence, events, tools } = begin();
  await jira('PUT', PAY_88, { fields: { priority: { name: 'Highest' } } });
  await jira('POST', '/rest/api/3/issue', {
    fields: { project: { key: 'PAY' }, issuetype: { name: 'Bug' }, summary: 'x' },
  });
  const { body } = await jira('POST', `${PAY_88}/comment`, { body: doc('x') });
  await jira('DELETE', `${PAY_88}/comment/${body.id}`);
  await confluence('PUT', '/wiki/api/v2/pages/7001', {
    id: '7001',
    status: 'current',
    title: 'ACME – account log',
    body: { representation: 'atlas_doc_format', value: VERSION.atlas },
    version: { number: VERSION.number },
  });
  await tools.act('release-version');
  assert.equal(events.length, 6);
  for (const { event, payload } of events) {
    const example = examples.find((each) => each.event === event).samplePayload;
    alike(payload, example, event);
    for (const name of ['eventType', 'atlassianId']) assert.ok(payload[name], `${event} ${name}`);
  }
});

/** What both have is of one kind. Ours may have more or less: the examples show one case each. */
function alike(ours, example, path) {
  if (ours === null || example === null || example === undefined) return;
  // Comments of REST v3 are documents; the examples are of an older shape there.
  if (path.endsWith('comment.body')) return;
  assert.equal(typeof ours, typeof example, path);
  assert.equal(Array.isArray(ours), Array.isArray(example), path);
  if (typeof ours !== 'object' || Array.isArray(ours)) return;
  for (const [name, value] of Object.entries(ours)) alike(value, example[name], `${path}.${name}`);
}

test('every document of the samples passes, a broken one does not', needs, () => {
  const contract = new Contract(contracts);
  const folder = join(contracts, 'adf-documents');
  const files = readdirSync(folder);
  assert.equal(files.length, 35);
  for (const file of files) {
    const sample = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    assert.deepEqual(contract.document(sample), [], file);
  }
  assert.notDeepEqual(contract.document({ ...doc('x'), content: [{ type: 'nonsense' }] }), []);
});

test('without the contracts nothing is judged but the outer shape of a document', async () => {
  const contract = new Contract(undefined);
  assert.equal(await contract.request('jira', {}), null);
  assert.equal(contract.slack('chat.postMessage', {}), null);
  assert.equal(contract.chatCompletion({}), null);
  assert.deepEqual(contract.document(doc('x')), []);
  assert.notDeepEqual(contract.document('text'), []);
});
