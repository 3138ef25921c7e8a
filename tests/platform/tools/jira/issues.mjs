/**
 * Jira's issues: read, create, edit, move, and their change log.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
 */
import { created, noContent, ok } from '../reply.mjs';
import { number, words } from '../tool.mjs';
import { addComment } from './comments.mjs';
import { apply, differences } from './edit.mjs';
import * as events from './events.mjs';
import { setProperty } from './properties.mjs';
import { SITE, refusal } from './site.mjs';
import * as view from './view.mjs';
import { ISSUE_TYPES, STATUSES, TRANSITIONS, pick } from './words.mjs';

const ISSUE = '/rest/api/3/issue/:key';

export function issues(tool, site) {
  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-get
  tool.get(ISSUE, ({ params, query, actor }) => ok(view.issue(site, site.issue(params.key, actor), {
    fields: query.has('fields') ? words(query, 'fields') : ['*all'],
    properties: words(query, 'properties'),
    expand: words(query, 'expand'),
  })));

  // …/api-group-issues/#api-rest-api-3-issue-post
  tool.post('/rest/api/3/issue', ({ body, actor }) => {
    const issue = create(site, body ?? {}, actor);
    return created({ id: issue.id, key: issue.key, self: `${SITE}/rest/api/3/issue/${issue.id}` });
  });

  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-put
  tool.put(ISSUE, ({ params, query, body, actor }) => {
    const issue = edit(site, site.writable(params.key, actor), body ?? {}, actor);
    return query.get('returnIssue') === 'true' ? ok(view.issue(site, issue)) : noContent();
  });

  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get
  tool.get(`${ISSUE}/transitions`, ({ params, actor }) => {
    site.issue(params.key, actor);
    return ok({ expand: 'transitions', transitions: TRANSITIONS.map(view.transition) });
  });

  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-post
  tool.post(`${ISSUE}/transitions`, ({ params, body, actor }) => {
    const issue = site.writable(params.key, actor, 'TRANSITION_ISSUES');
    const transition = TRANSITIONS.find(({ id }) => id === body?.transition?.id);
    if (!transition) throw refusal(400, 'Transition id is not valid for this issue.');
    move(site, issue, transition.to, body, actor);
    return noContent();
  });

  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-assignee-put
  tool.put(`${ISSUE}/assignee`, ({ params, body, actor }) => {
    const issue = site.writable(params.key, actor, 'ASSIGN_ISSUES');
    edit(site, issue, { fields: { assignee: body } }, actor);
    return noContent();
  });

  // …/api-group-issues/#api-rest-api-3-issue-issueidorkey-changelog-get
  tool.get(`${ISSUE}/changelog`, ({ params, query, actor }) => {
    const issue = site.issue(params.key, actor);
    const startAt = number(query, 'startAt', 0);
    const maxResults = number(query, 'maxResults', 100);
    const values = issue.changelog.slice(startAt, startAt + maxResults);
    return ok({
      startAt,
      maxResults,
      total: issue.changelog.length,
      isLast: startAt + values.length >= issue.changelog.length,
      values: values.map((change) => view.change(site, change)),
    });
  });
}

function create(site, { fields = {}, update, properties = [] }, actor) {
  const project = pick(site.projects.list(), { id: fields.project?.id }) ??
    site.projects.list(({ key }) => key === fields.project?.key)[0];
  if (!project || !site.may(actor, 'BROWSE_PROJECTS', project)) {
    throw refusal(400, '', { project: 'Specify a valid project ID or key' });
  }
  if (!site.may(actor, 'CREATE_ISSUES', project)) {
    throw refusal(403, 'You do not have permission to create issues in this project.');
  }
  const type = pick(ISSUE_TYPES, fields.issuetype);
  if (!type) throw refusal(400, '', { issuetype: 'Specify a valid issue type' });
  const { project: _, issuetype, ...rest } = fields;
  const blank = newIssue(site, project, type.id, site.account(actor));
  const wanted = { fields: { summary: '', ...rest }, update };
  const issue = site.issues.put(blank.id, { ...blank, fields: apply(site, blank, wanted) });
  for (const { key, value } of properties) setProperty(site, issue, key, value);
  events.issueCreated(site, actor, issue);
  return issue;
}

/** An issue with nothing in it yet, with the next id and the next number of its project. */
export function newIssue(site, project, issuetypeId, accountId, at = site.world.now()) {
  const id = String(site.issues.next(10_500));
  return {
    id,
    key: `${project.key}-${site.world.state.next(`jira.key.${project.key}`)}`,
    projectId: project.id,
    created: site.time(at),
    updated: site.time(at),
    changelog: [],
    fields: {
      issuetypeId, summary: '', description: null, environment: null, duedate: null,
      statusId: STATUSES[0].id, priorityId: '3', resolved: null, labels: [], componentIds: [],
      fixVersionIds: [], versionIds: [], assigneeId: null, reporterId: accountId,
      creatorId: accountId,
    },
  };
}

/** Edits an issue, its properties and its comments in one go. */
export function edit(site, issue, body, actor) {
  const edited = settle(site, issue, apply(site, issue, body), actor);
  for (const { key, value } of body.properties ?? []) setProperty(site, edited, key, value);
  for (const { add } of body.update?.comment ?? []) if (add) addComment(site, edited, add, actor);
  return edited;
}

function move(site, issue, statusId, body, actor) {
  const fields = apply(site, issue, body);
  const done = pick(STATUSES, { id: statusId }).statusCategory.key === 'done';
  settle(site, issue, { ...fields, statusId, resolved: done ? site.time() : null }, actor);
  for (const { add } of body.update?.comment ?? []) if (add) addComment(site, issue, add, actor);
}

/** Keeps the new fields with their change log; a change of nothing leaves no trace. */
function settle(site, issue, fields, actor) {
  const items = differences(site, issue.fields, fields);
  if (items.length === 0) return issue;
  const change = {
    id: String(site.world.state.next('jira.change', 30_001)),
    authorId: site.account(actor),
    created: site.time(),
    items,
  };
  const changed = site.touch({ ...issue, fields, changelog: [...issue.changelog, change] });
  events.issueUpdated(site, actor, changed, change);
  return changed;
}
