/**
 * The GitLab instance itself: projects, merge requests, notes, pipelines, deployments, hooks.
 */
import { Refusal } from '../reply.mjs';

export const GITLAB = 'https://gitlab.com';

export const refusal = (status, message, headers = {}) => new Refusal(status, { message }, headers);
export const notFound = (what = '') => refusal(404, `404 ${what} Not Found`.replace('  ', ' '));

export class Forge {
  constructor(world) {
    this.world = world;
    this.users = world.collection('gitlab.user');
    this.tokens = world.collection('gitlab.token');
    this.projects = world.collection('gitlab.project');
    this.mergeRequests = world.collection('gitlab.mr');
    this.notes = world.collection('gitlab.note');
    this.pipelines = world.collection('gitlab.pipeline');
    this.deployments = world.collection('gitlab.deployment');
    this.hooks = world.collection('gitlab.hook');
  }

  user(id) {
    const user = this.users.get(id);
    if (!user) return null;
    const { name, username } = user;
    return {
      id: user.id, name, username, state: 'active', locked: false,
      avatar_url: null, web_url: `${GITLAB}/${username}`,
    };
  }

  /** A project by its number or by its path. */
  project(idOrPath) {
    const found = this.projects.get(idOrPath) ??
      this.projects.list((project) => project.path_with_namespace === idOrPath)[0];
    if (!found) throw notFound('Project');
    return found;
  }

  mergeRequest(project, iid) {
    const found = this.mergeRequests.get(`${project.id}/${iid}`);
    if (!found) throw notFound();
    return found;
  }

  pipeline(project, id) {
    const found = this.pipelines.get(id);
    if (found?.project_id !== project.id) throw notFound();
    return found;
  }

  keep(mergeRequest) {
    const { project_id: project, iid } = mergeRequest;
    const kept = { ...mergeRequest, updated_at: this.world.iso() };
    return this.mergeRequests.put(`${project}/${iid}`, kept);
  }
}
