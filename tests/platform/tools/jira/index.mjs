/**
 * Jira Cloud, as far as Tutti's flows go: state, permissions, limits and events as its REST API v3
 * has them. https://developer.atlassian.com/cloud/jira/platform/rest/v3/
 */
import { Tool } from '../tool.mjs';
import { comments } from './comments.mjs';
import { issues } from './issues.mjs';
import { people } from './people.mjs';
import { properties } from './properties.mjs';
import { remoteLinks } from './remote_links.mjs';
import { search } from './search.mjs';
import { Site, refusal } from './site.mjs';
import { versions } from './versions.mjs';
import { PRIORITIES, STATUSES, pick } from './words.mjs';

export function createJira(world) {
  const site = new Site(world);
  const unauthorized = () =>
    refusal(401, 'Client must be authenticated to access this resource.');
  const tool = new Tool('jira', world, {
    authenticate: ({ headers }) => {
      const actor = headers.get('x-tutti-actor');
      if (!actor || !site.user(actor)?.active) throw unauthorized();
      site.trace = headers.get('x-atlassian-webhook-trace');
      return actor;
    },
    check: (call) => world.contract.request('jira', call),
    unauthorized,
    refusal: (status, headers) => refusal(status, sayings[status] ?? 'Error.', {}, {
      ...(status === 429 && { 'ratelimit-reason': 'jira-burst-based' }),
      ...headers,
    }),
    invalid: (problems) => refusal(400, problems.join('; ')),
  });
  for (const routes of [issues, comments, properties, remoteLinks, search, versions, people]) {
    routes(tool, site);
  }
  return { app: tool.app, site, world: () => shown(site) };
}

const sayings = {
  403: 'You do not have permission to perform this operation.',
  404: 'The requested resource was not found.',
  409: 'The resource was changed by somebody else.',
  429: 'Rate limit exceeded.',
  500: 'Internal server error',
  503: 'Service unavailable',
};

/** Everything the site holds, with the marks others left on it. */
function shown(site) {
  const issues = site.issues.list().map((issue) => [issue.key, {
    id: issue.id,
    summary: issue.fields.summary,
    status: pick(STATUSES, { id: issue.fields.statusId }).name,
    priority: pick(PRIORITIES, { id: issue.fields.priorityId }).name,
    assignee: issue.fields.assigneeId,
    labels: issue.fields.labels,
    fixVersions: issue.fields.fixVersionIds.map((id) => site.versions.get(id).name),
    updated: issue.updated,
    changelog: issue.changelog,
    properties: Object.fromEntries(
      site.propertiesOf(issue).map(({ key, value }) => [key, value])),
    comments: site.commentsOf(issue).map(({ issueId, properties: held, ...comment }) => ({
      ...comment,
      properties: Object.fromEntries(held.map(({ key, value }) => [key, value])),
    })),
    remoteLinks: site.remoteLinksOf(issue).map(({ issueId, ...link }) => link),
  }]);
  return {
    users: site.users.list(),
    projects: site.projects.list(),
    versions: site.versions.list(),
    issues: Object.fromEntries(issues),
  };
}
