/**
 * GitLab, as far as Tutti's flows go: merge requests, notes, pipelines and webhooks as its REST
 * API v4 has them. https://docs.gitlab.com/api/rest/
 */
import { Tool } from '../tool.mjs';
import { Forge, refusal } from './forge.mjs';
import { hooks, mergeRequestChanged, pipelineChanged } from './hooks.mjs';
import { routes } from './routes.mjs';
import * as view from './view.mjs';

export function createGitlab(world) {
  const forge = new Forge(world);
  const unauthorized = () => refusal(401, '401 Unauthorized');
  const tool = new Tool('gitlab', world, {
    // https://docs.gitlab.com/api/rest/authentication/
    authenticate: ({ headers, query }) => {
      const [, bearer] = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
      const given = headers.get('private-token') ?? bearer ?? query.get('private_token');
      const token = given && forge.tokens.get(given);
      if (!token) throw unauthorized();
      return token.user_id;
    },
    // The contract is of GitLab 15: what it says is put on record, not enforced.
    check: (call) => world.contract.request('gitlab', plain(call)),
    unauthorized,
    refusal: (status, headers) =>
      refusal(status, `${status} ${sayings[status] ?? 'Error'}`, headers),
  });
  routes(tool, forge);
  hooks(tool, forge);
  return { app: tool.app, forge, world: () => shown(forge) };
}

/**
 * The contract knows no bodies but JSON, leaves paging to a page of its own, and has forgotten
 * `search` for a project's merge requests, which GitLab documents.
 */
function plain(call) {
  const headers = new Headers(call.headers);
  if (call.body !== undefined) headers.set('content-type', 'application/json');
  const url = new URL(call.url);
  for (const name of ['page', 'per_page', 'search']) url.searchParams.delete(name);
  return { ...call, headers, url };
}

const sayings = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A pipeline ends. */
export function finishPipeline(forge, { id, status }) {
  const held = forge.pipelines.get(id);
  const now = forge.world.now();
  const done = forge.pipelines.put(id, {
    ...held,
    status,
    finished_at: forge.world.iso(),
    updated_at: forge.world.iso(),
    duration: Math.round((now - Date.parse(held.started_at)) / 1000),
  });
  pipelineChanged(forge, done);
  return done;
}

/** A person merges. */
export function merge(forge, { project, iid, userId }) {
  const held = forge.mergeRequest(forge.project(project), iid);
  const merged = forge.keep({
    ...held,
    state: 'merged',
    merged_at: forge.world.iso(),
    merged_by_id: userId,
    merge_commit_sha: held.sha.split('').reverse().join(''),
  });
  mergeRequestChanged(forge, merged, userId, 'merge', {
    state: { previous: held.state, current: 'merged' },
  });
  return merged;
}

/** Everything the instance holds. */
function shown(forge) {
  const mergeRequests = forge.mergeRequests.list().map((held) => [held.iid, {
    ...held,
    notes: forge.notes.list((note) => note.noteable_id === held.id),
  }]);
  return {
    mergeRequests: Object.fromEntries(mergeRequests),
    pipelines: Object.fromEntries(forge.pipelines.list().map((held) => [held.id, held])),
    deployments: forge.deployments.list(),
    hooks: forge.hooks.list().map(view.hook),
  };
}
