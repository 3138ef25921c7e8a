/**
 * Versions of a project. Releasing one is an event that flows wait for.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
 */
import { ok } from '../reply.mjs';
import { number, words } from '../tool.mjs';
import * as events from './events.mjs';
import { SITE, refusal } from './site.mjs';
import * as view from './view.mjs';

const PROJECT = '/rest/api/3/project/:key';

export function versions(tool, site) {
  const one = (id, actor, permission = 'BROWSE_PROJECTS') => {
    const held = site.versions.get(id);
    const project = held && site.projects.get(held.projectId);
    if (!project || !site.may(actor, permission, project)) {
      throw refusal(404, `Could not find version for id '${id}'`);
    }
    return held;
  };
  const of = (key, actor) => {
    const project = site.project(key, actor);
    return site.versions.list((version) => version.projectId === project.id);
  };

  // …#api-rest-api-3-project-projectidorkey-versions-get
  tool.get(`${PROJECT}/versions`, ({ params, actor }) =>
    ok(of(params.key, actor).map(view.version)));

  // …#api-rest-api-3-project-projectidorkey-version-get
  tool.get(`${PROJECT}/version`, ({ params, query, actor }) => {
    const status = words(query, 'status');
    const text = query.get('query')?.toLowerCase() ?? '';
    const all = of(params.key, actor)
      .filter((version) => status.length === 0 || status.includes(state(version)))
      .filter(({ name, description = '' }) =>
        name.toLowerCase().includes(text) || description.toLowerCase().includes(text));
    const startAt = number(query, 'startAt', 0);
    const maxResults = number(query, 'maxResults', 50);
    const values = all.slice(startAt, startAt + maxResults).map(view.version);
    const isLast = startAt + values.length >= all.length;
    const self = `${SITE}${PROJECT.replace(':key', params.key)}/version`;
    return ok({ self, startAt, maxResults, total: all.length, isLast, values });
  });

  // …#api-rest-api-3-version-id-get
  tool.get('/rest/api/3/version/:id', ({ params, actor }) =>
    ok(view.version(one(params.id, actor))));

  // …#api-rest-api-3-version-id-unresolvedissuecount-get
  tool.get('/rest/api/3/version/:id/unresolvedIssueCount', ({ params, actor }) => {
    const { id } = one(params.id, actor);
    const all = site.issues.list((issue) => issue.fields.fixVersionIds.includes(id));
    return ok({
      self: `${SITE}/rest/api/3/version/${id}/unresolvedIssueCount`,
      issuesUnresolvedCount: all.filter((issue) => !issue.fields.resolved).length,
      issuesCount: all.length,
    });
  });

  // …#api-rest-api-3-version-id-put
  tool.put('/rest/api/3/version/:id', ({ params, body, actor }) => {
    const held = one(params.id, actor, 'ADMINISTER_PROJECTS');
    return ok(view.version(update(site, held, body ?? {}, actor)));
  });
}

const state = ({ released, archived }) =>
  archived ? 'archived' : released ? 'released' : 'unreleased';

const EDITABLE = ['name', 'description', 'released', 'archived', 'startDate', 'releaseDate'];

/** Changes a version in somebody's name and says so. */
export function update(site, held, body, actor) {
  const given = EDITABLE.filter((field) => body[field] !== undefined);
  const changed = { ...held, ...Object.fromEntries(given.map((field) => [field, body[field]])) };
  if (changed.released && !held.released) changed.releaseDate ??= site.world.iso().slice(0, 10);
  site.versions.put(held.id, changed);
  if (changed.released !== held.released) {
    events.versionChanged(site, actor, changed.released ? 'released' : 'unreleased', changed);
  } else if (changed.archived !== held.archived) {
    events.versionChanged(site, actor, changed.archived ? 'archived' : 'unarchived', changed);
  } else events.versionChanged(site, actor, 'updated', changed);
  return changed;
}
