/**
 * How Jira shows what it holds.
 */
import { ISSUE_TYPES, PRIORITIES, RESOLUTION_DONE, STATUSES, TRANSITIONS, pick } from './words.mjs';
import { SITE } from './site.mjs';

const API = `${SITE}/rest/api/3`;
const avatars = (seed) =>
  Object.fromEntries(['48x48', '24x24', '16x16', '32x32'].map((size) =>
    [size, `${SITE}/avatar/${encodeURIComponent(seed)}?size=${size.split('x')[0]}`]));

export const user = (account) =>
  account
    ? {
        self: `${API}/user?accountId=${encodeURIComponent(account.accountId)}`,
        accountId: account.accountId,
        accountType: account.accountType ?? 'atlassian',
        ...(account.emailAddress && { emailAddress: account.emailAddress }),
        avatarUrls: avatars(account.accountId),
        displayName: account.displayName,
        active: account.active,
        timeZone: account.timeZone ?? 'Etc/UTC',
      }
    : null;

export const project = (site, held) => ({
  self: `${API}/project/${held.id}`,
  id: held.id,
  key: held.key,
  name: held.name,
  projectTypeKey: 'software',
  simplified: false,
  avatarUrls: avatars(held.key),
});

export const projectInFull = (site, held) => ({
  expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
  ...project(site, held),
  description: held.description ?? '',
  lead: user(site.users.get(held.leadId)),
  components: site.components.list((c) => c.projectId === held.id).map(component),
  issueTypes: ISSUE_TYPES,
  assigneeType: 'UNASSIGNED',
  versions: site.versions.list((v) => v.projectId === held.id).map(version),
  roles: {},
  style: 'classic',
  isPrivate: !(held.permissions.BROWSE_PROJECTS ?? []).includes('anyone'),
  properties: {},
});

export const version = (held) => ({
  self: `${API}/version/${held.id}`,
  id: held.id,
  name: held.name,
  description: held.description ?? '',
  archived: held.archived,
  released: held.released,
  ...(held.startDate && { startDate: held.startDate }),
  ...(held.releaseDate && { releaseDate: held.releaseDate }),
  projectId: Number(held.projectId),
});

export const component = (held) => ({
  self: `${API}/component/${held.id}`,
  id: held.id,
  name: held.name,
  description: held.description ?? '',
});

export const comment = (site, held, { properties = false } = {}) => ({
  self: `${API}/issue/${held.issueId}/comment/${held.id}`,
  id: held.id,
  author: user(site.users.get(held.authorId)),
  body: held.body,
  updateAuthor: user(site.users.get(held.updateAuthorId)),
  created: held.created,
  updated: held.updated,
  ...(held.visibility && { visibility: held.visibility }),
  jsdPublic: !held.properties.some(({ key, value }) =>
    key === 'sd.public.comment' && value?.internal === true),
  ...(properties && { properties: held.properties }),
});

export const remoteLink = (held) => ({
  id: Number(held.id),
  self: `${API}/issue/${held.issueId}/remotelink/${held.id}`,
  ...(held.globalId && { globalId: held.globalId }),
  application: held.application ?? {},
  ...(held.relationship && { relationship: held.relationship }),
  object: { icon: {}, status: { icon: {} }, ...held.object },
});

export const transition = ({ id, name, to }) => ({
  id,
  name,
  to: pick(STATUSES, { id: to }),
  hasScreen: false,
  isGlobal: true,
  isInitial: false,
  isAvailable: true,
  isConditional: false,
  isLooped: false,
});

export const change = (site, held) => ({
  id: held.id,
  author: user(site.users.get(held.authorId)),
  created: held.created,
  items: held.items,
});

/** All fields of an issue, as `fields=*all` shows them. */
export function fields(site, issue) {
  const { fields: held } = issue;
  const some = (collection, ids, show) => ids.map((id) => show(collection.get(id)));
  return {
    summary: held.summary,
    description: held.description,
    status: pick(STATUSES, { id: held.statusId }),
    priority: pick(PRIORITIES, { id: held.priorityId }),
    issuetype: pick(ISSUE_TYPES, { id: held.issuetypeId }),
    project: project(site, site.projects.get(issue.projectId)),
    labels: held.labels,
    components: some(site.components, held.componentIds, component),
    fixVersions: some(site.versions, held.fixVersionIds, version),
    versions: some(site.versions, held.versionIds, version),
    assignee: user(site.users.get(held.assigneeId)),
    reporter: user(site.users.get(held.reporterId)),
    creator: user(site.users.get(held.creatorId)),
    resolution: held.resolved ? RESOLUTION_DONE : null,
    resolutiondate: held.resolved ?? null,
    duedate: held.duedate ?? null,
    created: issue.created,
    updated: issue.updated,
    issuelinks: [],
    subtasks: [],
    attachment: [],
    watches: { self: `${API}/issue/${issue.key}/watchers`, watchCount: 0, isWatching: false },
    votes: { self: `${API}/issue/${issue.key}/votes`, votes: 0, hasVoted: false },
    comment: commentField(site, issue),
  };
}

function commentField(site, issue) {
  const comments = site.commentsOf(issue).map((held) => comment(site, held));
  return {
    comments,
    self: `${API}/issue/${issue.id}/comment`,
    maxResults: comments.length,
    total: comments.length,
    startAt: 0,
  };
}

const NOT_NAVIGABLE = new Set(['comment', 'attachment']);

/** Jira's `fields` parameter: names, `*all`, `*navigable`, and `-name` to leave out. */
function chosen(all, wanted) {
  const without = wanted.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const named = wanted.filter((name) => !name.startsWith('-'));
  const every = named.includes('*all') || (named.length === 0 && without.length > 0);
  const keep = (name) =>
    every || named.includes(name) || (named.includes('*navigable') && !NOT_NAVIGABLE.has(name));
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => keep(name) && !without.includes(name)));
}

/** An issue with the wanted fields, properties and expansions. */
export function issue(site, held, asked = {}) {
  const { fields: wanted = ['*all'], properties = [], expand = [] } = asked;
  const kept = site.propertiesOf(held).filter(({ key }) =>
    properties.includes('*all') || properties.includes(key));
  const shown = chosen(fields(site, held), wanted);
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: held.id,
    self: `${API}/issue/${held.id}`,
    key: held.key,
    ...(Object.keys(shown).length > 0 && { fields: shown }),
    ...(properties.length > 0 && {
      properties: Object.fromEntries(kept.map(({ key, value }) => [key, value])),
    }),
    ...(expand.includes('changelog') && { changelog: changelog(site, held) }),
    ...(expand.includes('transitions') && { transitions: TRANSITIONS.map(transition) }),
    ...(expand.includes('names') && { names: names(Object.keys(shown)) }),
  };
}

export function changelog(site, held) {
  const histories = held.changelog.map((entry) => change(site, entry)).reverse();
  return { startAt: 0, maxResults: histories.length, total: histories.length, histories };
}

const names = (ids) =>
  Object.fromEntries(ids.map((id) => [id, id.charAt(0).toUpperCase() + id.slice(1)]));

export const statuses = (ids) => ids.map((id) => pick(STATUSES, { id }));
