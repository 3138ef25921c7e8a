/**
 * The Jira site itself: what it holds, who may do what, and how it words its refusals.
 */
import { Refusal } from '../reply.mjs';

export const SITE = 'https://acme.atlassian.net';

/** The account Jira gives an app; requests made as the app are shown under it. */
export const APP_ACCOUNT = '557058:7c1f0a52-app-tutti';

const WINDOW_MS = 2_000;
const WRITES_PER_WINDOW = 20;

/** Jira's error body, https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes */
export const refusal = (status, message, errors = {}, headers = {}) =>
  new Refusal(status, { errorMessages: message ? [message] : [], errors }, headers);

export class Site {
  constructor(world) {
    this.world = world;
    this.users = world.collection('jira.user');
    this.projects = world.collection('jira.project');
    this.versions = world.collection('jira.version');
    this.components = world.collection('jira.component');
    this.issues = world.collection('jira.issue');
    this.properties = world.collection('jira.property');
    this.comments = world.collection('jira.comment');
    this.remoteLinks = world.collection('jira.remotelink');
    this.writes = world.collection('jira.write');
  }

  /** Jira writes `2026-03-10T09:00:00.000+0000`. */
  time(at = this.world.now()) {
    return new Date(at).toISOString().replace('Z', '+0000');
  }

  account(actor) {
    return actor === 'app' ? APP_ACCOUNT : actor;
  }

  user(actor) {
    return this.users.get(this.account(actor));
  }

  project(idOrKey, actor) {
    const project = this.projects.list((p) => p.id === idOrKey || p.key === idOrKey)[0];
    if (!project || !this.may(actor, 'BROWSE_PROJECTS', project)) {
      throw refusal(404, `No project could be found with key '${idOrKey}'.`);
    }
    return project;
  }

  /** The issue, if `actor` may see it and may do `permission` to it. */
  issue(idOrKey, actor, permission = 'BROWSE_PROJECTS') {
    const wanted = idOrKey.toUpperCase();
    const issue = this.issues.get(idOrKey) ?? this.issues.list((i) => i.key === wanted)[0];
    const project = issue && this.projects.get(issue.projectId);
    if (!project || !this.may(actor, 'BROWSE_PROJECTS', project)) {
      throw refusal(404, 'Issue does not exist or you do not have permission to see it.');
    }
    if (!this.may(actor, permission, project)) {
      throw refusal(403, `You do not have the permission ${permission} in project ${project.key}.`);
    }
    return issue;
  }

  /** Like `issue`, for a write: counted against Jira's limit per issue. */
  writable(idOrKey, actor, permission = 'EDIT_ISSUES') {
    const issue = this.issue(idOrKey, actor, permission);
    this.countWrite(issue);
    return issue;
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rate-limiting/#per-issue-on-write-rate-limits */
  countWrite(issue) {
    const now = this.world.now();
    const recent = (this.writes.get(issue.id) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= WRITES_PER_WINDOW) {
      const wait = Math.ceil((recent[0] + WINDOW_MS - now) / 1000);
      throw refusal(429, 'Rate limit exceeded.', {}, {
        'retry-after': `${wait}`,
        'ratelimit-reason': 'jira-per-issue-on-write',
      });
    }
    this.writes.put(issue.id, [...recent, now]);
  }

  /** Whether somebody holds a permission: by a role in the project, or for the whole site. */
  may(actor, permission, project) {
    const user = this.user(actor);
    if (!user?.active) return false;
    if (permission === 'ADMINISTER') return user.siteAdmin === true;
    if (!project) return false;
    if (permission === 'ADMINISTER_PROJECTS' && user.siteAdmin) return true;
    const roles = Object.keys(project.roles).filter((role) =>
      project.roles[role].includes(user.accountId));
    const holders = project.permissions[permission] ?? [];
    return holders.includes('anyone') || holders.some((role) => roles.includes(role));
  }

  propertyOf(issue, key) {
    return this.properties.get(`${issue.id}/${key}`);
  }

  propertiesOf(issue) {
    return this.properties.list((property) => property.issueId === issue.id);
  }

  commentsOf(issue) {
    return this.comments.list((comment) => comment.issueId === issue.id);
  }

  remoteLinksOf(issue) {
    return this.remoteLinks.list((link) => link.issueId === issue.id);
  }

  /** Keeps an issue with its new time of change. */
  touch(issue) {
    return this.issues.put(issue.id, { ...issue, updated: this.time() });
  }
}
