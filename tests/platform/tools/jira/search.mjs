/**
 * Search with JQL.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
 */
import { ok } from '../reply.mjs';
import { number, words } from '../tool.mjs';
import { compare, matches, parse } from './jql.mjs';
import { refusal } from './site.mjs';
import * as view from './view.mjs';

const MOST = 5000;

export function search(tool, site) {
  // …#api-rest-api-3-search-jql-post
  tool.post('/rest/api/3/search/jql', ({ body, actor }) => ok(find(site, body ?? {}, actor)));

  // …#api-rest-api-3-search-jql-get
  tool.get('/rest/api/3/search/jql', ({ query, actor }) => ok(find(site, {
    jql: query.get('jql') ?? '',
    nextPageToken: query.get('nextPageToken') ?? undefined,
    maxResults: number(query, 'maxResults', 50),
    fields: words(query, 'fields'),
    properties: words(query, 'properties'),
    expand: query.get('expand') ?? '',
  }, actor)));

  // …#api-rest-api-3-search-approximate-count-post
  tool.post('/rest/api/3/search/approximate-count', ({ body, actor }) =>
    ok({ count: hits(site, body?.jql ?? '', actor).length }));

  // Removed in 2025, https://developer.atlassian.com/changelog/#CHANGE-2046
  for (const method of ['GET', 'POST']) {
    tool.on(method, '/rest/api/3/search', () => {
      const where = '/rest/api/3/search/jql';
      throw refusal(410, `The requested API has been removed. Please migrate to the ${where} API.`);
    });
  }
}

/** The issues a query finds, in order, of those `actor` may see. */
export function hits(site, jql, actor) {
  const { where, order } = parse(jql);
  if (!where) {
    const hint = 'Please add a search restriction to your query.';
    throw refusal(400, `Unbounded JQL queries are not allowed here. ${hint}`);
  }
  const account = site.account(actor);
  const now = site.world.now();
  return site.issues.list()
    .filter((issue) => site.may(actor, 'BROWSE_PROJECTS', site.projects.get(issue.projectId)))
    .map((issue) => ({ issue, fields: view.fields(site, issue) }))
    .filter((hit) => matches(where, { ...hit, now, account }))
    .sort((a, b) => compare(order, a, b))
    .map(({ issue }) => issue);
}

function find(site, body, actor) {
  const { jql = '', nextPageToken, maxResults = 50, fields = [], properties = [] } = body;
  const all = hits(site, jql, actor);
  const start = nextPageToken ? offset(nextPageToken) : 0;
  const end = start + Math.min(Math.max(maxResults, 1), MOST);
  const shown = { fields: fields.length > 0 ? fields : ['id'], properties };
  shown.expand = (body.expand ?? '').split(',');
  const issues = all.slice(start, end).map((issue) => {
    const seen = view.issue(site, issue, shown);
    return shown.fields.join() === 'id' ? { id: seen.id } : seen;
  });
  const isLast = end >= all.length;
  return { issues, isLast, ...(!isLast && { nextPageToken: token(end) }) };
}

const token = (start) => Buffer.from(`start=${start}`).toString('base64url');

function offset(given) {
  const match = /^start=(\d+)$/.exec(Buffer.from(given, 'base64url').toString());
  if (!match) throw refusal(400, 'The nextPageToken is not valid.');
  return Number(match[1]);
}
