/**
 * Who is who and who may do what: users, myself, projects, permissions.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/
 */
import { ok } from '../reply.mjs';
import { number, words } from '../tool.mjs';
import { SITE, refusal } from './site.mjs';
import * as view from './view.mjs';
import { PERMISSIONS, PRIORITIES } from './words.mjs';

export function people(tool, site) {
  // …/api-group-users/#api-rest-api-3-user-get
  tool.get('/rest/api/3/user', ({ query }) => {
    const user = site.users.get(query.get('accountId'));
    if (!user) throw refusal(404, 'Specified user does not exist or you do not have permission.');
    return ok(view.user(user));
  });

  // …/api-group-user-search/#api-rest-api-3-user-search-get
  tool.get('/rest/api/3/user/search', ({ query }) => {
    const accountId = query.get('accountId');
    const text = query.get('query');
    if (text === null && accountId === null) {
      throw refusal(400, "The 'query', 'property' or 'accountId' parameter is required.");
    }
    const found = site.users.list((user) =>
      accountId === null ? begins(user, text.toLowerCase()) : user.accountId === accountId);
    return ok(page(found.filter(({ active }) => active), query));
  });

  // …/api-group-user-search/#api-rest-api-3-user-assignable-search-get
  tool.get('/rest/api/3/user/assignable/search', ({ query, actor }) => {
    const issue = query.get('issueKey') && site.issue(query.get('issueKey'), actor);
    const project = issue
      ? site.projects.get(issue.projectId)
      : site.project(query.get('project') ?? '', actor);
    const text = (query.get('query') ?? '').toLowerCase();
    const found = site.users.list((user) =>
      begins(user, text) && site.may(user.accountId, 'ASSIGNABLE_USER', project));
    return ok(page(found, query));
  });

  // …/api-group-myself/#api-rest-api-3-myself-get
  tool.get('/rest/api/3/myself', ({ actor }) => ok(view.user(site.user(actor))));

  // …/api-group-projects/#api-rest-api-3-project-projectidorkey-get
  tool.get('/rest/api/3/project/:key', ({ params, actor }) =>
    ok(view.projectInFull(site, site.project(params.key, actor))));

  // …/api-group-issue-priorities/#api-rest-api-3-priority-get
  tool.get('/rest/api/3/priority', () => ok(PRIORITIES));

  // …/api-group-server-info/#api-rest-api-3-serverinfo-get
  tool.get('/rest/api/3/serverInfo', () => ok({
    baseUrl: SITE,
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    buildNumber: 100_290,
    buildDate: site.time(0),
    serverTime: site.time(),
    scmInfo: 'simulated',
    serverTitle: 'Jira',
  }));

  permissions(tool, site);
}

function permissions(tool, site) {
  // …#api-rest-api-3-mypermissions-get
  tool.get('/rest/api/3/mypermissions', ({ query, actor }) => {
    const wanted = words(query, 'permissions');
    if (wanted.length === 0) throw refusal(400, "The 'permissions' query parameter is required.");
    known(wanted);
    const project = subject(site, query, actor);
    const shown = wanted.map((key) =>
      [key, { ...PERMISSIONS[key], havePermission: site.may(actor, key, project) }]);
    return ok({ permissions: Object.fromEntries(shown) });
  });

  // …#api-rest-api-3-permissions-check-post
  tool.post('/rest/api/3/permissions/check', ({ body, actor }) => {
    const who = body?.accountId ?? actor;
    if (who !== actor && actor !== 'app' && !site.may(actor, 'ADMINISTER')) {
      throw refusal(403, 'You need to be an administrator to check the permissions of others.');
    }
    const asked = body?.projectPermissions ?? [];
    known([...asked.flatMap(({ permissions: keys }) => keys), ...(body?.globalPermissions ?? [])]);
    return ok({
      projectPermissions: asked.flatMap((each) => projectPermissions(site, who, each)),
      globalPermissions: (body?.globalPermissions ?? []).filter((key) => site.may(who, key)),
    });
  });
}

/** For each permission, the projects and issues of the question where `who` holds it. */
function projectPermissions(site, who, { permissions: keys, projects = [], issues = [] }) {
  const held = (key, id) => site.may(who, key, site.projects.get(String(id)));
  const project = (id) => site.issues.get(String(id))?.projectId;
  return keys.map((permission) => ({
    permission,
    projects: projects.filter((id) => held(permission, id)),
    issues: issues.filter((id) => held(permission, project(id))),
  }));
}

function known(keys) {
  const unknown = keys.filter((key) => !PERMISSIONS[key]);
  if (unknown.length > 0) throw refusal(400, `Unrecognized permission keys: ${unknown.join(', ')}`);
}

function subject(site, query, actor) {
  const issue = query.get('issueKey') ?? query.get('issueId');
  if (issue) return site.projects.get(site.issue(issue, actor).projectId);
  const project = query.get('projectKey') ?? query.get('projectId');
  return project ? site.project(project, actor) : undefined;
}

const begins = ({ displayName, emailAddress }, text) =>
  [displayName, ...displayName.split(' '), emailAddress ?? ''].some((part) =>
    part.toLowerCase().startsWith(text));

function page(users, query) {
  const startAt = number(query, 'startAt', 0);
  return users.slice(startAt, startAt + number(query, 'maxResults', 50)).map(view.user);
}
