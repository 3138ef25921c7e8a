/**
 * Comments on issues and their properties.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/
 */
import { created, noContent, ok, reply } from '../reply.mjs';
import { number, words } from '../tool.mjs';
import * as events from './events.mjs';
import { checkProperty } from './properties.mjs';
import { SITE, refusal } from './site.mjs';
import * as view from './view.mjs';

const COMMENTS = '/rest/api/3/issue/:key/comment';
const PROPERTIES = '/rest/api/3/comment/:id/properties';

export function comments(tool, site) {
  const expanded = (query) => ({ properties: words(query, 'expand').includes('properties') });

  // …#api-rest-api-3-issue-issueidorkey-comment-get
  tool.get(COMMENTS, ({ params, query, actor }) => {
    const all = site.commentsOf(site.issue(params.key, actor));
    if (query.get('orderBy') === '-created') all.reverse();
    const startAt = number(query, 'startAt', 0);
    const maxResults = number(query, 'maxResults', 100);
    const page = all.slice(startAt, startAt + maxResults);
    const shown = page.map((held) => view.comment(site, held, expanded(query)));
    return ok({ startAt, maxResults, total: all.length, comments: shown });
  });

  // …#api-rest-api-3-issue-issueidorkey-comment-post
  tool.post(COMMENTS, ({ params, query, body, actor }) => {
    const issue = site.writable(params.key, actor, 'ADD_COMMENTS');
    return created(view.comment(site, addComment(site, issue, body, actor), expanded(query)));
  });

  // …#api-rest-api-3-issue-issueidorkey-comment-id-get
  tool.get(`${COMMENTS}/:id`, ({ params, query, actor }) => {
    const held = commentOf(site, site.issue(params.key, actor), params.id);
    return ok(view.comment(site, held, expanded(query)));
  });

  // …#api-rest-api-3-issue-issueidorkey-comment-id-put
  tool.put(`${COMMENTS}/:id`, ({ params, query, body, actor }) => {
    const issue = site.writable(params.key, actor, 'BROWSE_PROJECTS');
    const held = owned(site, commentOf(site, issue, params.id), actor, 'EDIT');
    const changed = keep(site, issue, {
      ...held,
      ...content(site, body),
      properties: merge(held.properties, body.properties),
      updateAuthorId: site.account(actor),
      updated: site.time(),
    });
    events.commented(site, actor, issue, changed);
    return ok(view.comment(site, changed, expanded(query)));
  });

  // …#api-rest-api-3-issue-issueidorkey-comment-id-delete
  tool.delete(`${COMMENTS}/:id`, ({ params, actor }) => {
    const issue = site.writable(params.key, actor, 'BROWSE_PROJECTS');
    const held = owned(site, commentOf(site, issue, params.id), actor, 'DELETE');
    site.comments.delete(held.id);
    site.touch(issue);
    events.commentDeleted(site, actor, issue, held);
    return noContent();
  });

  // …#api-rest-api-3-comment-list-post
  tool.post('/rest/api/3/comment/list', ({ query, body, actor }) => {
    const found = (body?.ids ?? [])
      .map((id) => site.comments.get(id))
      .filter((held) => held && visible(site, held, actor));
    return ok({
      startAt: 0,
      maxResults: 1000,
      total: found.length,
      isLast: true,
      values: found.map((held) => view.comment(site, held, expanded(query))),
    });
  });

  commentProperties(tool, site);
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comment-properties/ */
function commentProperties(tool, site) {
  const seen = ({ params, actor }) => {
    const held = site.comments.get(params.id);
    if (!held || !visible(site, held, actor)) throw missing(params.id);
    return held;
  };

  tool.get(PROPERTIES, (call) => {
    const held = seen(call);
    const self = (key) => `${SITE}/rest/api/3/comment/${held.id}/properties/${key}`;
    return ok({ keys: held.properties.map(({ key }) => ({ self: self(key), key })) });
  });

  tool.get(`${PROPERTIES}/:property`, (call) => {
    const property = seen(call).properties.find(({ key }) => key === call.params.property);
    if (!property) throw refusal(404, `The property '${call.params.property}' does not exist.`);
    return ok(property);
  });

  tool.put(`${PROPERTIES}/:property`, (call) => {
    const held = owned(site, seen(call), call.actor, 'EDIT');
    const { property: key } = call.params;
    checkProperty(key, call.body);
    const isNew = !held.properties.some((property) => property.key === key);
    const properties = merge(held.properties, [{ key, value: call.body }]);
    site.comments.put(held.id, { ...held, properties });
    return reply(isNew ? 201 : 200);
  });

  tool.delete(`${PROPERTIES}/:property`, (call) => {
    const held = owned(site, seen(call), call.actor, 'EDIT');
    const properties = held.properties.filter(({ key }) => key !== call.params.property);
    site.comments.put(held.id, { ...held, properties });
    return noContent();
  });
}

/** Adds a comment in somebody's name. */
export function addComment(site, issue, body, actor) {
  const accountId = site.account(actor);
  const comment = keep(site, issue, {
    id: String(site.comments.next(20_001)),
    issueId: issue.id,
    authorId: accountId,
    updateAuthorId: accountId,
    created: site.time(),
    updated: site.time(),
    ...content(site, body),
    properties: merge([], body?.properties),
  });
  events.commented(site, actor, issue, comment);
  return comment;
}

function content(site, body) {
  const problems = site.world.contract.document(body?.body);
  if (problems.length > 0) {
    const errors = { comment: `Comment body is not valid! ${problems[0]}` };
    throw refusal(400, '', errors).because(problems[0]);
  }
  return { body: body.body, ...(body.visibility && { visibility: body.visibility }) };
}

function keep(site, issue, comment) {
  site.touch(site.issues.get(issue.id));
  return site.comments.put(comment.id, comment);
}

function merge(held, given = []) {
  for (const { key, value } of given) checkProperty(key, value);
  const keys = new Set(given.map(({ key }) => key));
  return [...held.filter(({ key }) => !keys.has(key)), ...given];
}

function commentOf(site, issue, id) {
  const held = site.comments.get(id);
  if (held?.issueId !== issue.id) throw missing(id);
  return held;
}

const missing = (id) => refusal(404, `Can not find a comment for the id: ${id}.`);

function visible(site, held, actor) {
  const project = site.projects.get(site.issues.get(held.issueId).projectId);
  return site.may(actor, 'BROWSE_PROJECTS', project);
}

/** The comment, if `actor` may edit or delete it as its author or as one who may do so to all. */
function owned(site, held, actor, verb) {
  const project = site.projects.get(site.issues.get(held.issueId).projectId);
  const whose = held.authorId === site.account(actor) ? 'OWN' : 'ALL';
  if (!site.may(actor, `${verb}_${whose}_COMMENTS`, project)) {
    const status = verb === 'EDIT' ? 400 : 403;
    throw refusal(status, `You do not have permission to ${verb.toLowerCase()} this comment.`);
  }
  return held;
}
