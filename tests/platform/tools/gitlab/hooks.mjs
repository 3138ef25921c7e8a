/**
 * GitLab's webhooks: who wants to hear of what, and what they are sent.
 * https://docs.gitlab.com/api/project_webhooks/
 * https://docs.gitlab.com/user/project/integrations/webhook_events/
 */
import { created, noContent, ok } from '../reply.mjs';
import { GITLAB, notFound, refusal } from './forge.mjs';
import * as view from './view.mjs';

const HOOKS = '/api/v4/projects/:project/hooks';
const EVENTS = [
  'push_events', 'pipeline_events', 'merge_requests_events', 'note_events', 'job_events',
  'deployment_events', 'issues_events', 'tag_push_events', 'releases_events',
];

export function hooks(tool, forge) {
  const one = ({ params }) => {
    const project = forge.project(params.project);
    const held = forge.hooks.get(params.id);
    if (held?.project_id !== project.id) throw notFound();
    return held;
  };

  // …/api/project_webhooks/#list-webhooks-for-a-project
  tool.get(HOOKS, ({ params }) => {
    const project = forge.project(params.project);
    return ok(forge.hooks.list((hook) => hook.project_id === project.id).map(view.hook));
  });

  // …/api/project_webhooks/#get-a-project-webhook
  tool.get(`${HOOKS}/:id`, (call) => ok(view.hook(one(call))));

  // …/api/project_webhooks/#add-a-webhook-to-a-project
  tool.post(HOOKS, ({ params, body }) =>
    created(view.hook(addHook(forge, forge.project(params.project), body ?? {}))));

  // …/api/project_webhooks/#update-a-project-webhook
  tool.put(`${HOOKS}/:id`, (call) => {
    const held = one(call);
    return ok(view.hook(forge.hooks.put(held.id, { ...held, ...settings(call.body ?? {}) })));
  });

  // …/api/project_webhooks/#delete-a-project-webhook
  tool.delete(`${HOOKS}/:id`, (call) => {
    forge.hooks.delete(one(call).id);
    return noContent();
  });
}

export function addHook(forge, project, body) {
  if (!URL.canParse(body.url ?? '')) throw refusal(422, 'Invalid url given');
  const id = forge.hooks.next(301);
  return forge.hooks.put(id, {
    id,
    project_id: project.id,
    created_at: forge.world.iso(),
    ...Object.fromEntries(EVENTS.map((event) => [event, event === 'push_events'])),
    enable_ssl_verification: true,
    ...settings(body),
  });
}

const WORDS = { true: true, false: false };

/** What a caller may set; in a form, truth values are words. */
function settings(body) {
  const given = ['url', 'token', 'enable_ssl_verification', ...EVENTS]
    .filter((name) => body[name] !== undefined)
    .map((name) => [name, WORDS[body[name]] ?? body[name]]);
  return Object.fromEntries(given);
}

/** Sends a payload to every hook of the project that asked for such events. */
function notify(forge, project, flag, header, payload) {
  const { world } = forge;
  for (const hook of forge.hooks.list((held) => held.project_id === project.id && held[flag])) {
    const serial = String(world.state.next('gitlab.delivery')).padStart(12, '0');
    const uuid = `7e1d0f5a-0000-4000-8000-${serial}`;
    world.raise({
      kind: 'http',
      url: hook.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitLab/18.0.0',
        'idempotency-key': uuid,
        'x-gitlab-event': header,
        'x-gitlab-event-uuid': uuid,
        'x-gitlab-webhook-uuid': `7e1d0f5a-0000-4000-9000-${String(hook.id).padStart(12, '0')}`,
        'x-gitlab-instance': GITLAB,
        ...(hook.token && { 'x-gitlab-token': hook.token }),
      },
      body: JSON.stringify(payload),
    });
  }
}

export function pipelineChanged(forge, held) {
  const project = forge.projects.get(held.project_id);
  const mr = forge.mergeRequests.get(`${project.id}/${held.merge_request_iid}`);
  notify(forge, project, 'pipeline_events', 'Pipeline Hook', {
    object_kind: 'pipeline',
    object_attributes: {
      id: held.id, iid: held.iid, name: null, ref: held.ref, tag: false, sha: held.sha,
      before_sha: '0'.repeat(40), source: held.source, status: held.status,
      detailed_status: held.status === 'success' ? 'passed' : held.status,
      stages: ['build', 'test'],
      created_at: seconds(held.created_at), finished_at: seconds(held.finished_at),
      duration: held.duration, queued_duration: 3, variables: [],
      url: view.url(project, `pipelines/${held.id}`),
    },
    merge_request: mr && {
      id: mr.id, iid: mr.iid, title: mr.title, source_branch: mr.source_branch,
      source_project_id: project.id, target_branch: mr.target_branch,
      target_project_id: project.id, state: mr.state, merge_status: 'can_be_merged',
      detailed_merge_status: 'mergeable', url: view.url(project, `merge_requests/${mr.iid}`),
    },
    user: person(forge, held.user_id),
    project: about(project),
    commit: {
      id: held.sha, message: mr?.title ?? held.ref, title: mr?.title ?? held.ref,
      timestamp: held.created_at, url: view.url(project, `commit/${held.sha}`),
      author: { name: person(forge, held.user_id).name, email: '[REDACTED]' },
    },
    builds: [],
  });
}

/** `action` is open, update, merge or close; `changes` holds previous and current values. */
export function mergeRequestChanged(forge, held, userId, action, changes) {
  const project = forge.projects.get(held.project_id);
  notify(forge, project, 'merge_requests_events', 'Merge Request Hook', {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: person(forge, userId),
    project: about(project),
    repository: {
      name: project.name, url: project.git_ssh_url, description: project.description,
      homepage: project.web_url,
    },
    object_attributes: {
      id: held.id, iid: held.iid, title: held.title, description: held.description,
      state: held.state, action, source_branch: held.source_branch,
      target_branch: held.target_branch, source_project_id: project.id,
      target_project_id: project.id, author_id: held.author_id, assignee_ids: [held.author_id],
      created_at: seconds(held.created_at), updated_at: seconds(held.updated_at),
      merge_status: 'can_be_merged', merge_commit_sha: held.merge_commit_sha,
      labels: held.labels.map(label), draft: false,
      url: view.url(project, `merge_requests/${held.iid}`),
    },
    labels: held.labels.map(label),
    changes,
    assignees: [person(forge, held.author_id)],
    reviewers: [],
  });
}

export function noteMade(forge, mr, note) {
  const project = forge.projects.get(mr.project_id);
  notify(forge, project, 'note_events', 'Note Hook', {
    object_kind: 'note',
    event_type: 'note',
    user: person(forge, note.author_id),
    project_id: project.id,
    project: about(project),
    object_attributes: {
      id: note.id, note: note.body, noteable_type: 'MergeRequest', author_id: note.author_id,
      created_at: seconds(note.created_at), updated_at: seconds(note.updated_at),
      project_id: project.id, noteable_id: mr.id, system: false, action: 'create',
      url: `${view.url(project, `merge_requests/${mr.iid}`)}#note_${note.id}`,
    },
    merge_request: { id: mr.id, iid: mr.iid, title: mr.title, state: mr.state },
  });
}

export const label = (title) => ({ title, type: 'ProjectLabel', color: '#6699cc' });

/** Webhooks write `2026-03-10 09:12:00 UTC`. */
const seconds = (iso) => (iso ? `${iso.slice(0, 19).replace('T', ' ')} UTC` : null);

function person(forge, id) {
  const { name, username, avatar_url: avatar } = forge.user(id);
  return { id, name, username, avatar_url: avatar, email: '[REDACTED]' };
}

const about = (project) => ({
  id: project.id, name: project.name, description: project.description,
  web_url: project.web_url, avatar_url: null, git_ssh_url: project.git_ssh_url,
  git_http_url: project.http_url_to_repo, namespace: project.namespace.name,
  visibility_level: 0, path_with_namespace: project.path_with_namespace,
  default_branch: project.default_branch,
});
