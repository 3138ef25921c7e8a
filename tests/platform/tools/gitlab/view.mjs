/**
 * How GitLab shows what it holds.
 */
import { GITLAB } from './forge.mjs';

export const url = (project, path) => `${GITLAB}/${project.path_with_namespace}/-/${path}`;

export function mergeRequest(forge, held) {
  const project = forge.projects.get(held.project_id);
  const latest = forge.pipelines
    .list((pipeline) => pipeline.merge_request_iid === held.iid)
    .at(-1);
  const { author_id: author, merged_by_id: merger, ...rest } = held;
  return {
    ...rest,
    author: forge.user(author),
    assignee: forge.user(author),
    assignees: [forge.user(author)],
    reviewers: [],
    merged_by: forge.user(merger),
    merge_user: forge.user(merger),
    source_project_id: held.project_id,
    target_project_id: held.project_id,
    draft: false,
    work_in_progress: false,
    milestone: null,
    upvotes: 0,
    downvotes: 0,
    user_notes_count: forge.notes.list(({ noteable_iid: iid }) => iid === held.iid).length,
    merge_status: 'can_be_merged',
    detailed_merge_status: held.state === 'merged' ? 'not_open' : 'mergeable',
    references: {
      short: `!${held.iid}`,
      relative: `!${held.iid}`,
      full: `${project.path_with_namespace}!${held.iid}`,
    },
    web_url: url(project, `merge_requests/${held.iid}`),
    head_pipeline: latest ? pipeline(forge, latest) : null,
    pipeline: latest ? brief(forge, latest) : null,
  };
}

/** In lists a merge request comes without its pipeline. */
export function listed(forge, held) {
  const { head_pipeline: _, pipeline: __, ...shown } = mergeRequest(forge, held);
  return shown;
}

export const note = (forge, { author_id: author, ...rest }) => ({
  ...rest,
  type: null,
  attachment: null,
  author: forge.user(author),
  system: false,
  resolvable: false,
  confidential: rest.internal,
  commands_changes: {},
});

export const brief = (forge, held) => ({
  id: held.id,
  iid: held.iid,
  project_id: held.project_id,
  sha: held.sha,
  ref: held.ref,
  status: held.status,
  source: held.source,
  created_at: held.created_at,
  updated_at: held.updated_at,
  web_url: url(forge.projects.get(held.project_id), `pipelines/${held.id}`),
});

export const pipeline = (forge, held) => ({
  ...brief(forge, held),
  before_sha: '0'.repeat(40),
  tag: false,
  yaml_errors: null,
  user: forge.user(held.user_id),
  started_at: held.started_at,
  finished_at: held.finished_at,
  committed_at: null,
  duration: held.duration,
  queued_duration: 3,
  coverage: held.coverage,
  detailed_status: {
    icon: `status_${held.status}`,
    text: held.status === 'success' ? 'passed' : held.status,
    label: held.status === 'success' ? 'passed' : held.status,
    group: held.status,
    has_details: true,
  },
});

export const deployment = (forge, { user_id: user, ...rest }) => ({
  ...rest,
  user: forge.user(user),
});

/** A hook without its secret, which GitLab never shows again. */
export const hook = ({ token, ...rest }) => rest;
