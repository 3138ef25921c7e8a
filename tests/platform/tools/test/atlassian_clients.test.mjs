/**
 * Jira's and Confluence's answers, judged by third-party clients that check every response.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PEOPLE, RELEASE } from '../worlds/acme-jira.mjs';
import { begin, doc, open } from './world.mjs';

const [major] = process.versions.node.split('.').map(Number);
const skip = major < 22 && `jira.js and confluence.js need Node 22, this is ${process.version}`;
const auth = { type: 'basic', email: 'app@tutti.example', apiToken: 'none' };

async function client(t, create, app) {
  const host = await open(t, app, { 'x-tutti-actor': 'app' });
  return create({ host, auth, onSchemaMismatch: 'throw' });
}

test('jira.js accepts every answer of the escalation', { skip }, async (t) => {
  const { createCloudClient } = await import('jira.js');
  const { tools } = begin();
  const jira = await client(t, createCloudClient, tools.products.jira);
  const issueIdOrKey = 'PAY-88';
  const expand = 'changelog,transitions';
  const issue = await jira.issues.getIssue({ issueIdOrKey, expand });
  assert.equal(issue.key, issueIdOrKey);
  await jira.issues.editIssue({ issueIdOrKey, fields: { priority: { name: 'Highest' } } });
  await jira.issues.getTransitions({ issueIdOrKey });
  assert.equal((await jira.issues.getChangeLogs({ issueIdOrKey })).values.length, 1);
  const made = await jira.issues.createIssue({
    fields: { project: { key: 'PAY' }, issuetype: { name: 'Bug' }, summary: 'x' },
  });
  await jira.issues.doTransition({ issueIdOrKey: made.key, transition: { id: '41' } });
  const properties = [{ key: 'tutti.run', value: { effect_key: 'k' } }];
  const comment = await jira.issueComments.addComment({ issueIdOrKey, body: doc('x'), properties });
  await jira.issueComments.getComments({ issueIdOrKey });
  await jira.issueComments.getCommentsByIds({ ids: [Number(comment.id)], expand: 'properties' });
  // This client takes the whole request body as `body`.
  await jira.issueComments.updateComment({
    issueIdOrKey,
    id: comment.id,
    body: { body: doc('y') },
  });
  const commentId = comment.id;
  await jira.issueCommentProperties.getCommentPropertyKeys({ commentId });
  await jira.issueCommentProperties.getCommentProperty({ commentId, propertyKey: 'tutti.run' });
  const object = { url: 'https://a.example', title: 'x' };
  const link = { issueIdOrKey, globalId: 'tutti:k', object };
  const { id } = await jira.issueRemoteLinks.createOrUpdateRemoteIssueLink(link);
  await jira.issueRemoteLinks.getRemoteIssueLinkById({ issueIdOrKey, linkId: String(id) });
  await jira.issueProperties.getIssuePropertyKeys({ issueIdOrKey });
  await jira.issueProperties.getIssueProperty({ issueIdOrKey, propertyKey: 'tutti.customers' });
  const found = await jira.issueSearch.searchAndReconsileIssuesUsingJqlPost({
    jql: 'project = PAY',
    fields: ['*all'],
    maxResults: 3,
  });
  assert.equal(found.issues.length, 3);
  await jira.projectVersions.getProjectVersions({ projectIdOrKey: 'PAY' });
  await jira.projectVersions.getProjectVersionsPaginated({ projectIdOrKey: 'PAY' });
  await jira.projectVersions.getVersion({ id: RELEASE });
  await jira.projectVersions.getVersionUnresolvedIssues({ id: RELEASE });
  await jira.userSearch.findUsers({ query: 'dana' });
  await jira.users.getUser({ accountId: PEOPLE.dana });
  await jira.myself.getCurrentUser({});
  await jira.projects.getProject({ projectIdOrKey: 'PAY' });
  await jira.serverInfo.getServerInfo();
  await jira.permissions.getMyPermissions({ projectKey: 'PAY', permissions: 'EDIT_ISSUES' });
  await jira.permissions.getBulkPermissions({
    projectPermissions: [{ permissions: ['EDIT_ISSUES'], projects: [10001] }],
  });
  assert.deepEqual(tools.problems(), []);
});

test('jira.js reads our refusals', { skip }, async (t) => {
  const { createCloudClient } = await import('jira.js');
  const { tools } = begin();
  const jira = await client(t, createCloudClient, tools.products.jira);
  await assert.rejects(jira.issues.getIssue({ issueIdOrKey: 'PAY-999' }), { status: 404 });
  const edit = { issueIdOrKey: 'PAY-88', fields: { priority: { name: 'Urgent' } } };
  await assert.rejects(jira.issues.editIssue(edit), { status: 400 });
});

test('confluence.js accepts every answer of the escalation', { skip }, async (t) => {
  const { createV2Client } = await import('confluence.js');
  const { tools } = begin();
  const confluence = await client(t, createV2Client, tools.products.confluence);
  const page = await confluence.page.getPageById({ id: 7001, bodyFormat: 'atlas_doc_format' });
  assert.equal(page.version.number, 14);
  await confluence.page.updatePage({
    id: 7001,
    body: {
      id: '7001',
      status: 'current',
      title: page.title,
      body: { representation: 'atlas_doc_format', value: JSON.stringify(doc('x')) },
      version: { number: 15, message: 'Tutti run k' },
    },
  });
  await confluence.page.getPages({ title: page.title });
  await confluence.page.getPagesInSpace({ id: 300 });
  const versions = await confluence.version.getPageVersions({ id: 7001 });
  assert.equal(versions.results[0].message, 'Tutti run k');
  const made = await confluence.contentProperties.createPageProperty({
    pageId: 7001,
    key: 'tutti.run',
    value: { effect_key: 'k' },
  });
  await confluence.contentProperties.getPageContentPropertiesById({
    pageId: 7001,
    propertyId: Number(made.id),
  });
  await confluence.space.getSpaces({ keys: ['CUST'] });
  await confluence.space.getSpaceById({ id: 300 });
  assert.deepEqual(tools.problems(), []);
});
