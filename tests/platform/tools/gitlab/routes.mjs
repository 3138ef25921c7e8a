/**
 * Merge requests, notes, pipelines and deployments over GitLab's REST API v4.
 * https://docs.gitlab.com/api/rest/
 */
import { created, noContent, ok } from '../reply.mjs';
import { number } from '../tool.mjs';
import { notFound, refusal } from './forge.mjs';
import { label, mergeRequestChanged, noteMade } from './hooks.mjs';
import * as view from './view.mjs';

const PROJECT = '/api/v4/projects/:project';
const MR = `${PROJECT}/merge_requests/:iid`;

export function routes(tool, forge) {
  const project = ({ params }) => forge.project(params.project);
  const mr = (call) => forge.mergeRequest(project(call), call.params.iid);

  // https://docs.gitlab.com/api/users/#get-the-current-user
  tool.get('/api/v4/user', ({ actor }) => ok(forge.user(actor)));

  // https://docs.gitlab.com/api/projects/#get-a-single-project
  tool.get(PROJECT, (call) => ok(project(call)));

  // https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests
  tool.get(`${PROJECT}/merge_requests`, (call) => {
    const { id } = project(call);
    const state = call.query.get('state') ?? 'all';
    const source = call.query.get('source_branch');
    const text = (call.query.get('search') ?? '').toLowerCase();
    const key = call.query.get('order_by') ?? 'created_at';
    const found = forge.mergeRequests
      .list((held) => held.project_id === id && (state === 'all' || held.state === state) &&
        (!source || held.source_branch === source) &&
        `${held.title}\n${held.description}`.toLowerCase().includes(text))
      .sort((a, b) => (a[key] < b[key] ? -1 : 1));
    if (call.query.get('sort') !== 'asc') found.reverse();
    return paged(call, found.map((held) => view.listed(forge, held)));
  });

  // https://docs.gitlab.com/api/merge_requests/#get-single-mr
  tool.get(MR, (call) => ok(view.mergeRequest(forge, mr(call))));

  // https://docs.gitlab.com/api/merge_requests/#update-mr
  tool.put(MR, (call) => ok(view.mergeRequest(forge, update(forge, mr(call), call))));

  // https://docs.gitlab.com/api/merge_requests/#list-merge-request-pipelines
  tool.get(`${MR}/pipelines`, (call) => {
    const { iid } = mr(call);
    return paged(call, forge.pipelines
      .list((held) => held.merge_request_iid === iid)
      .map((held) => view.brief(forge, held))
      .reverse());
  });

  // https://docs.gitlab.com/api/pipelines/#list-project-pipelines
  tool.get(`${PROJECT}/pipelines`, (call) => {
    const { id } = project(call);
    const matches = (held) => ['sha', 'ref', 'status'].every((name) =>
      !call.query.has(name) || held[name] === call.query.get(name));
    return paged(call, forge.pipelines
      .list((held) => held.project_id === id && matches(held))
      .map((held) => view.brief(forge, held))
      .reverse());
  });

  // https://docs.gitlab.com/api/pipelines/#get-a-single-pipeline
  tool.get(`${PROJECT}/pipelines/:id`, (call) =>
    ok(view.pipeline(forge, forge.pipeline(project(call), call.params.id))));

  // https://docs.gitlab.com/api/deployments/#list-project-deployments
  tool.get(`${PROJECT}/deployments`, (call) => {
    const { id } = project(call);
    const found = forge.deployments.list((held) =>
      held.project_id === id &&
      (!call.query.has('status') || held.status === call.query.get('status')) &&
      (!call.query.has('environment') || held.environment.name === call.query.get('environment')));
    const key = call.query.get('order_by') ?? 'id';
    found.sort((a, b) => (a[key] < b[key] ? -1 : 1));
    if (call.query.get('sort') === 'desc') found.reverse();
    return paged(call, found.map((held) => view.deployment(forge, held)));
  });

  notes(tool, forge, mr);
}

/** https://docs.gitlab.com/api/notes/#merge-requests */
function notes(tool, forge, mr) {
  const of = ({ id }) => forge.notes.list((note) => note.noteable_id === id);
  const one = (call) => {
    const note = forge.notes.get(call.params.id);
    if (!note || note.noteable_id !== mr(call).id) throw notFound('Note');
    return note;
  };
  const own = (call) => {
    const note = one(call);
    if (note.author_id !== call.actor) throw refusal(403, '403 Forbidden');
    return note;
  };

  tool.get(`${MR}/notes`, (call) => {
    const key = call.query.get('order_by') ?? 'created_at';
    const sorted = of(mr(call)).sort((a, b) =>
      (a[key] === b[key] ? a.id - b.id : a[key] < b[key] ? -1 : 1));
    if (call.query.get('sort') !== 'asc') sorted.reverse();
    return paged(call, sorted.map((note) => view.note(forge, note)));
  });

  tool.get(`${MR}/notes/:id`, (call) => ok(view.note(forge, one(call))));

  tool.post(`${MR}/notes`, (call) => {
    const held = mr(call);
    const body = content(call.body);
    const id = forge.notes.next(880_001);
    const note = forge.notes.put(id, {
      id,
      body,
      author_id: call.actor,
      created_at: forge.world.iso(),
      updated_at: forge.world.iso(),
      noteable_id: held.id,
      noteable_iid: held.iid,
      noteable_type: 'MergeRequest',
      project_id: held.project_id,
      internal: [true, 'true'].includes(call.body.internal),
    });
    noteMade(forge, held, note);
    return created(view.note(forge, note));
  });

  tool.put(`${MR}/notes/:id`, (call) => {
    const note = { ...own(call), body: content(call.body), updated_at: forge.world.iso() };
    return ok(view.note(forge, forge.notes.put(note.id, note)));
  });

  tool.delete(`${MR}/notes/:id`, (call) => {
    forge.notes.delete(own(call).id);
    return noContent();
  });
}

function content(given) {
  if (given?.body === undefined) throw refusal(400, '400 (Bad request) "body" not given');
  if (typeof given.body !== 'string' || given.body.trim() === '') {
    throw refusal(400, { note: ["can't be blank"] });
  }
  return given.body;
}

const TEXTS = ['title', 'description', 'target_branch'];
const CHANGES = ['labels', 'add_labels', 'remove_labels', 'state_event', ...TEXTS];

function update(forge, held, { body, actor }) {
  const given = body ?? {};
  if (!CHANGES.some((name) => given[name] !== undefined)) {
    const list = CHANGES.join(', ');
    throw refusal(400, `${list} are missing, at least one parameter must be provided`);
  }
  const texts = TEXTS.filter((name) => given[name] !== undefined);
  const next = {
    ...held,
    ...Object.fromEntries(texts.map((name) => [name, given[name]])),
    labels: labels(held.labels, given),
  };
  if (given.state_event === 'close') next.state = 'closed';
  if (given.state_event === 'reopen') next.state = 'opened';
  const kept = forge.keep(next);
  const changes = differences(held, kept);
  if (Object.keys(changes).length > 0) {
    mergeRequestChanged(forge, kept, actor, 'update', changes);
  }
  return kept;
}

/** Labels come as one string with commas, or as a list. */
function labels(held, { labels: all, add_labels: add, remove_labels: remove }) {
  const list = (value) => [value ?? []].flat().flatMap((text) => text.split(','))
    .map((word) => word.trim()).filter(Boolean);
  const base = all === undefined ? held : list(all);
  const gone = list(remove);
  return [...new Set([...base, ...list(add)])].filter((name) => !gone.includes(name)).sort();
}

function differences(previous, current) {
  const changes = {};
  for (const name of [...TEXTS, 'state']) {
    if (previous[name] !== current[name]) {
      changes[name] = { previous: previous[name], current: current[name] };
    }
  }
  if (previous.labels.join() !== current.labels.join()) {
    changes.labels = { previous: previous.labels.map(label), current: current.labels.map(label) };
  }
  return changes;
}

/** One page of a list, https://docs.gitlab.com/api/rest/#offset-based-pagination */
function paged({ query, url }, all) {
  const size = Math.min(number(query, 'per_page', 20), 100);
  const page = Math.max(number(query, 'page', 1), 1);
  const pages = Math.max(Math.ceil(all.length / size), 1);
  const link = (to, rel) => {
    const target = new URL(url);
    target.searchParams.set('page', to);
    target.searchParams.set('per_page', size);
    return `<${target}>; rel="${rel}"`;
  };
  const links = [
    page < pages && link(page + 1, 'next'),
    page > 1 && link(page - 1, 'prev'),
    link(1, 'first'),
    link(pages, 'last'),
  ];
  return ok(all.slice((page - 1) * size, page * size), {
    link: links.filter(Boolean).join(', '),
    'x-page': `${page}`,
    'x-per-page': `${size}`,
    'x-next-page': page < pages ? `${page + 1}` : '',
    'x-prev-page': page > 1 ? `${page - 1}` : '',
    'x-total': `${all.length}`,
    'x-total-pages': `${pages}`,
  });
}

