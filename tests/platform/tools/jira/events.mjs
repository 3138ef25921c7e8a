/**
 * The product events Jira sends to Forge apps,
 * https://developer.atlassian.com/platform/forge/events-reference/jira/
 */
import * as view from './view.mjs';

const EVENT_FIELDS = [
  'summary', 'status', 'assignee', 'reporter', 'creator', 'priority', 'issuetype', 'project',
  'labels', 'components', 'fixVersions', 'created', 'updated',
];

/** Raises one event about an issue. `actor` is `app` or an account. */
export function raise(site, name, actor, payload) {
  const eventType = `avi:jira:${name}`;
  site.world.raise({
    kind: 'product',
    event: eventType,
    actor,
    payload: {
      eventType,
      timestamp: String(site.world.now()),
      atlassianId: site.account(actor),
      // What the call that caused it said in its header X-Atlassian-Webhook-Trace.
      ...(actor === 'app' && site.trace && { webhookTraceValue: site.trace }),
      ...payload,
    },
  });
}

export function issueCreated(site, actor, issue) {
  const more = { jiraEventTypeName: 'issue_created' };
  raise(site, 'created:issue', actor, { ...about(site, issue), ...more });
}

export function issueUpdated(site, actor, issue, change) {
  const statuses = change.items
    .filter((item) => item.field === 'status')
    .flatMap((item) => [item.from, item.to]);
  raise(site, 'updated:issue', actor, {
    ...about(site, issue),
    changelog: { id: change.id, items: change.items },
    jiraEventTypeName: 'issue_generic',
    ...(statuses.length > 0 && { associatedStatuses: { statuses: view.statuses(statuses) } }),
  });
}

export function commented(site, actor, issue, comment) {
  raise(site, 'commented:issue', actor, {
    ...about(site, issue),
    comment: view.comment(site, comment),
  });
}

export function commentDeleted(site, actor, issue, comment) {
  raise(site, 'deleted:comment', actor, {
    ...about(site, issue),
    comment: view.comment(site, comment),
  });
}

export function versionChanged(site, actor, verb, version) {
  raise(site, `${verb}:version`, actor, { version: view.version(version) });
}

function about(site, issue) {
  const { id, key, self, fields } = view.issue(site, issue, { fields: EVENT_FIELDS });
  const people = [issue.fields.assigneeId, issue.fields.reporterId].filter(Boolean);
  return {
    issue: { id, key, self, fields },
    associatedUsers: {
      users: [...new Set(people)].map((account) => view.user(site.users.get(account))),
    },
  };
}
