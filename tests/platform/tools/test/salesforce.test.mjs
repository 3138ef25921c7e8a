// Salesforce's simulator: tokens, records, queries and replies to customers.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import jsforce from 'jsforce';

import { CREDENTIALS } from '../worlds/acme.mjs';
import { CASE } from '../worlds/acme-salesforce.mjs';
import { begin, open } from './world.mjs';

const HOST = 'https://acme.my.salesforce.com';
const CASE_PATH = `/sobjects/Case/${CASE}`;

async function session(app, more = {}) {
  const { client_id, client_secret } = CREDENTIALS.salesforce;
  const answer = await app.request(`${HOST}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id,
      client_secret,
      ...more,
    }),
  });
  return { status: answer.status, ...(await answer.json()) };
}

async function connected() {
  const world = begin();
  const app = world.tools.hosts['acme.my.salesforce.com'];
  const { access_token: token } = await session(app);
  const ask = async (method, path, body, headers = {}) => {
    const answer = await app.request(`${HOST}/services/data/v62.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  };
  return { ...world, app, token, ask };
}

const query = (soql) => `/query?q=${encodeURIComponent(soql)}`;

test('jsforce reads, queries and writes as it would in an org', async (t) => {
  const { app, token, tools } = await connected();
  const connection = new jsforce.Connection({
    instanceUrl: await open(t, app),
    accessToken: token,
    version: '62.0',
    maxRequest: 1,
  });
  const found = await connection.query(
    `SELECT Id, Subject, Owner.Email, Account.Name FROM Case WHERE Id = '${CASE}'`,
  );
  assert.equal(found.records[0].Owner.Email, 'dana@tutti.example');
  assert.equal(found.records[0].Account.Name, 'ACME');
  const held = await connection.sobject('Case').retrieve(CASE);
  assert.equal(held.CaseNumber, '00012077');
  const updated = await connection.sobject('Case').update({ Id: CASE, Status: 'Escalated' });
  assert.equal(updated.success, true);
  const made = await connection.sobject('CaseComment').create({
    ParentId: CASE,
    CommentBody: 'hello',
    IsPublished: true,
  });
  assert.equal(made.success, true);
  assert.equal(tools.world().salesforce.caseComments[0].Id, made.id);
  await assert.rejects(connection.sobject('Case').update({ Id: CASE, Status: 'Nonsense' }), {
    name: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  });
  await assert.rejects(connection.query('SELECT Nope FROM Case'), { name: 'INVALID_FIELD' });
});

test('a session needs the right secret and ends after two hours', async () => {
  const { app, ask, clock } = await connected();
  assert.deepEqual((await session(app, { client_id: 'x' })).error, 'invalid_client_id');
  assert.deepEqual((await session(app, { client_secret: 'x' })).error, 'invalid_client');
  assert.deepEqual(
    (await session(app, { grant_type: 'password' })).error,
    'unsupported_grant_type',
  );
  assert.equal((await ask('GET', CASE_PATH)).status, 200);
  clock.at += 2 * 60 * 60 * 1000;
  const { status, body } = await ask('GET', CASE_PATH);
  assert.equal(status, 401);
  assert.deepEqual(body, [
    { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
  ]);
});

test('an update is refused to whoever has seen an older state', async () => {
  const { ask, clock } = await connected();
  const before = await ask('GET', CASE_PATH);
  assert.equal(before.body.LastModifiedDate, '2026-03-10T08:59:40.000+0000');
  clock.at += 1_000;
  assert.equal((await ask('PATCH', CASE_PATH, { Jira_Key__c: 'PAY-88' })).status, 204);
  const after = await ask('GET', CASE_PATH);
  assert.equal(after.body.LastModifiedDate, '2026-03-10T09:00:01.000+0000');
  for (const headers of [
    { 'if-match': before.headers.get('etag') },
    { 'if-unmodified-since': before.headers.get('last-modified') },
  ]) {
    assert.equal((await ask('PATCH', CASE_PATH, { Priority: 'Low' }, headers)).status, 412);
  }
  const headers = { 'if-match': after.headers.get('etag') };
  assert.equal((await ask('PATCH', CASE_PATH, { Priority: 'Low' }, headers)).status, 204);
});

test('SOQL answers what the escalation asks', async () => {
  const { ask } = await connected();
  const entitlements = await ask(
    'GET',
    query(
      "SELECT Id, Name FROM Entitlement WHERE AccountId = 'A1' AND Status = 'Active' ORDER BY Name",
    ),
  );
  assert.deepEqual(
    entitlements.body.records.map(({ Name }) => Name),
    ['Premier-24x7'],
  );
  const count = async (where) =>
    (await ask('GET', query(`SELECT Id FROM Case WHERE ${where}`))).body.totalSize;
  assert.equal(await count("Subject LIKE '%502%'"), 2);
  assert.equal(await count("Account.Tier__c = 'Enterprise' AND Status IN ('Working', 'New')"), 1);
  assert.equal(await count("NOT (Priority = 'High')"), 0);
  assert.equal(await count('LastModifiedDate > 2026-03-01T00:00:00Z'), 1);
  assert.equal(await count('Jira_Key__c = null OR Jira_Key__c != null'), 2);
  assert.equal(await count("Subject = 'it\\'s'"), 0);
  for (const [soql, code] of [
    ['SELECT Id FROM Nothing', 'INVALID_TYPE'],
    ['SELECT Foo.Name FROM Case', 'INVALID_FIELD'],
    ["SELECT Id FROM Case WHERE Nope = 'x'", 'INVALID_FIELD'],
    ['SELECT Id FROM Case WHERE', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Case LIMIT 1 extra', 'MALFORMED_QUERY'],
  ]) {
    const { status, body } = await ask('GET', query(soql));
    assert.deepEqual([status, body[0].errorCode], [400, code], soql);
  }
});

const part = (method, path, referenceId, body) => ({
  method,
  url: `/services/data/v62.0${path}`,
  referenceId,
  body,
});

test('Composite does all or none', async () => {
  const { ask, tools } = await connected();
  const comment = part('POST', '/sobjects/CaseComment', 'comment', {
    ParentId: CASE,
    CommentBody: 'Fixed in 4.12.3.',
    IsPublished: true,
  });
  const composite = (allOrNone, ...compositeRequest) =>
    ask('POST', '/composite', { allOrNone, compositeRequest });
  const bad = part('PATCH', CASE_PATH, 'case', { Status: 'Nonsense' });
  const refused = await composite(true, comment, bad);
  assert.equal(refused.status, 200);
  assert.deepEqual(
    refused.body.compositeResponse.map((each) => [
      each.referenceId,
      each.httpStatusCode,
      each.body[0].errorCode,
    ]),
    [
      ['comment', 400, 'PROCESSING_HALTED'],
      ['case', 400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
    ],
  );
  assert.deepEqual(tools.world().salesforce.caseComments, []);
  const good = part('PATCH', CASE_PATH, 'case', { Status: 'Solution offered', Tutti_Run__c: 'k' });
  const { body } = await composite(true, comment, good);
  assert.deepEqual(
    body.compositeResponse.map(({ httpStatusCode: status }) => status),
    [201, 204],
  );
  const { cases, caseComments } = tools.world().salesforce;
  assert.equal(caseComments.length, 1);
  assert.deepEqual([cases[CASE].Status, cases[CASE].Tutti_Run__c], ['Solution offered', 'k']);
});

test('a part of Composite can use what an earlier one answered', async () => {
  const { ask } = await connected();
  const { body } = await ask('POST', '/composite', {
    allOrNone: false,
    compositeRequest: [
      part('POST', '/sobjects/Account', 'made', { Name: 'Cobalt' }),
      part('POST', '/sobjects/Contact', 'contact', { LastName: 'Ito', AccountId: '@{made.id}' }),
      part('GET', '/sobjects/Contact/@{contact.id}', 'read'),
      part('GET', '/sobjects/Contact/@{nothing.id}', 'lost'),
    ],
  });
  const [made, , read, lost] = body.compositeResponse;
  assert.equal(read.body.AccountId, made.body.id);
  assert.equal(lost.httpStatusCode, 400);
});

test('records that are not there, or not complete, are refused', async () => {
  const { ask } = await connected();
  for (const [method, path, body, status, code] of [
    ['GET', '/sobjects/Case/500nothing', undefined, 404, 'NOT_FOUND'],
    ['GET', '/sobjects/Nothing/1', undefined, 404, 'NOT_FOUND'],
    ['PATCH', CASE_PATH, { Nope__c: 1 }, 400, 'INVALID_FIELD'],
    ['PATCH', CASE_PATH, { CaseNumber: '1' }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
    ['PATCH', CASE_PATH, { OwnerId: 'nobody' }, 400, 'INVALID_CROSS_REFERENCE_KEY'],
    ['PATCH', CASE_PATH, { Subject: 'x'.repeat(256) }, 400, 'STRING_TOO_LONG'],
    ['POST', '/sobjects/CaseComment', { CommentBody: 'x' }, 400, 'REQUIRED_FIELD_MISSING'],
  ]) {
    const answer = await ask(method, path, body);
    assert.deepEqual([answer.status, answer.body[0].errorCode], [status, code]);
  }
});
