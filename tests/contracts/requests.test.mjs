/** Every request of every operation is one the vendor's own document accepts. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { contract, skip } from './contracts.mjs';
import { requests } from './requests.mjs';
import { judge, tools } from './vendors.mjs';

const made = skip ? [] : requests();
const of = (tool) => made.filter(({ operation }) => operation.startsWith(`${tool}.`));

for (const tool of tools) {
  describe(`requests to ${tool}`, { skip }, () => {
    let faults;
    before(async () => {
      faults = await judge(tool);
    });
    it('there are some', () => assert.ok(of(tool).length > 0));
    for (const { operation, request } of of(tool)) {
      it(operation, () => assert.deepEqual(faults(request), []));
    }
  });
}

describe('the judges', { skip }, () => {
  const jira = {
    method: 'PUT', url: '/rest/api/3/issue/PAY-1', headers: { 'content-type': 'application/json' },
  };
  for (const [wrong, tool, change] of [
    ['a path nobody knows', 'jira', { url: '/rest/api/3/issues/PAY-1', body: '{}' }],
    ['a parameter nobody knows', 'jira', { url: '/rest/api/3/issue/PAY-1?x=1', body: '{}' }],
    ['a field nobody knows', 'jira', { body: '{"fieldz":{}}' }],
    ['a field of the wrong type', 'jira', { body: '{"fields":"none"}' }],
    ['no title', 'confluence', { url: '/wiki/api/v2/pages/1', body: '{"id":"1"}' }],
    ['a note that says nothing', 'gitlab', {
      method: 'POST', body: '{}',
      url: 'https://gitlab.example/api/v4/projects/42/merge_requests/913/notes',
    }],
    ['a message to nobody', 'slack', {
      method: 'POST', url: 'https://slack.com/api/chat.postMessage', body: '{"text":"x"}',
    }],
    ['another host', 'slack', { url: 'https://slack.example/api/chat.postMessage', body: '{}' }],
  ]) {
    it(`refuse ${wrong}`, async () => {
      assert.notDeepEqual((await judge(tool))({ ...jira, ...change }), []);
    });
  }
});

describe('scopes of Jira operations', { skip }, () => {
  const scopes = skip ? {} : contract('jira-v3-scopes.json');
  // `/issue/{issueIdOrKey}/comment` as an expression that matches one segment per name.
  const patterns = Object.entries(scopes).map(([key, entry]) => {
    const [method, path] = key.split(' ');
    return { method, path: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`), entry };
  });
  for (const { operation, scopes: declared, request } of of('jira')) {
    it(operation, () => {
      const path = request.url.split('?')[0];
      const found = patterns.filter(
        (pattern) => pattern.method === request.method && pattern.path.test(path),
      );
      assert.equal(found.length, 1, `${request.method} ${path}`);
      const { classic, granular, deprecated } = found[0].entry;
      assert.equal(deprecated, false);
      assert.deepEqual(declared, classic.length > 0 ? classic : granular);
    });
  }
});

describe('scopes of Confluence operations', { skip }, () => {
  const { paths } = skip ? { paths: {} } : contract('confluence-v2.json');
  for (const { operation, scopes: declared, request } of of('confluence')) {
    it(operation, () => {
      const path = request.url.split('?')[0].replace('/wiki/api/v2', '');
      const [, methods] = Object.entries(paths).find(([pattern]) =>
        new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path));
      const needed = methods[request.method.toLowerCase()]['x-atlassian-oauth2-scopes'];
      assert.deepEqual(declared, needed.flatMap(({ scopes }) => scopes));
    });
  }
});
