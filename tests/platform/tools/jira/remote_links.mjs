/**
 * Remote links of issues, kept once per global id.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/
 */
import { noContent, ok, reply } from '../reply.mjs';
import { SITE, refusal } from './site.mjs';
import * as view from './view.mjs';

const LINKS = '/rest/api/3/issue/:key/remotelink';

export function remoteLinks(tool, site) {
  const one = (issue, id) => {
    const held = site.remoteLinks.get(id);
    if (held?.issueId !== issue.id) throw refusal(404, `No remote link with id '${id}' exists.`);
    return held;
  };
  const named = (issue, globalId) =>
    site.remoteLinksOf(issue).find((link) => link.globalId === globalId);

  // …#api-rest-api-3-issue-issueidorkey-remotelink-get
  tool.get(LINKS, ({ params, query, actor }) => {
    const issue = site.issue(params.key, actor);
    if (!query.has('globalId')) return ok(site.remoteLinksOf(issue).map(view.remoteLink));
    const held = named(issue, query.get('globalId'));
    if (!held) {
      throw refusal(404, `No remote link exists with the global ID '${query.get('globalId')}'.`);
    }
    return ok(view.remoteLink(held));
  });

  // …#api-rest-api-3-issue-issueidorkey-remotelink-post
  tool.post(LINKS, ({ params, body, actor }) => {
    const issue = site.writable(params.key, actor, 'LINK_ISSUES');
    const held = body?.globalId ? named(issue, body.globalId) : undefined;
    const id = held?.id ?? String(site.remoteLinks.next(10_001));
    keep(site, issue, id, body);
    const self = `${SITE}/rest/api/3/issue/${issue.id}/remotelink/${id}`;
    return reply(held ? 200 : 201, { id: Number(id), self });
  });

  // …#api-rest-api-3-issue-issueidorkey-remotelink-delete
  tool.delete(LINKS, ({ params, query, actor }) => {
    const issue = site.writable(params.key, actor, 'LINK_ISSUES');
    if (!query.get('globalId')) throw refusal(400, "The 'globalId' parameter is required.");
    const held = named(issue, query.get('globalId'));
    if (!held) throw refusal(404, 'No remote link exists with this global ID.');
    site.remoteLinks.delete(held.id);
    return noContent();
  });

  // …#api-rest-api-3-issue-issueidorkey-remotelink-linkid-get
  tool.get(`${LINKS}/:id`, ({ params, actor }) =>
    ok(view.remoteLink(one(site.issue(params.key, actor), params.id))));

  // …#api-rest-api-3-issue-issueidorkey-remotelink-linkid-put
  tool.put(`${LINKS}/:id`, ({ params, body, actor }) => {
    const issue = site.writable(params.key, actor, 'LINK_ISSUES');
    keep(site, issue, one(issue, params.id).id, body);
    return noContent();
  });

  // …#api-rest-api-3-issue-issueidorkey-remotelink-linkid-delete
  tool.delete(`${LINKS}/:id`, ({ params, actor }) => {
    const issue = site.writable(params.key, actor, 'LINK_ISSUES');
    site.remoteLinks.delete(one(issue, params.id).id);
    return noContent();
  });
}

/** Fields that are not given are set to nothing, also in an update. */
function keep(site, issue, id, { globalId, application, relationship, object } = {}) {
  const errors = {
    ...(!object?.url && { 'object.url': "'url' is required." }),
    ...(!object?.title && { 'object.title': "'title' is required." }),
    ...(globalId?.length > 255 && { globalId: 'The global id is longer than 255 characters.' }),
  };
  if (Object.keys(errors).length > 0) throw refusal(400, '', errors);
  site.remoteLinks.put(id, { id, issueId: issue.id, globalId, application, relationship, object });
}
