/**
 * Editing an issue: every field that can be set, how its value is read, and the change log.
 */
import { PRIORITIES, STATUSES, pick } from './words.mjs';
import { refusal } from './site.mjs';

/** A value of a field that Jira does not take. */
const bad = (field, message) => refusal(400, '', { [field]: message });

/**
 * @typedef {object} Field
 * @property {string} held             its name in storage
 * @property {boolean} [many]          whether it is a list, with `add` and `remove`
 * @property {(value: any, at: {site: any, issue: any, field: string}) => any} read
 * @property {(held: any, site: any) => [string | null, string | null]} show   id and text, logged
 */

/** @type {Record<string, Field>} */
const FIELDS = {
  summary: { held: 'summary', read: summary, show: (text) => [null, text] },
  description: { held: 'description', read: document, show: (doc) => [null, plain(doc)] },
  environment: { held: 'environment', read: document, show: (doc) => [null, plain(doc)] },
  duedate: { held: 'duedate', read: (value) => value, show: (day) => [day, day] },
  priority: {
    held: 'priorityId',
    read: (value, { field }) => one(PRIORITIES, value, field),
    show: (id) => [id, pick(PRIORITIES, { id }).name],
  },
  assignee: {
    held: 'assigneeId',
    read: assignee,
    show: (id, site) => [id, id && site.users.get(id).displayName],
  },
  labels: {
    held: 'labels',
    many: true,
    read: label,
    show: (labels) => [null, labels.join(' ')],
  },
  fixVersions: {
    held: 'fixVersionIds',
    many: true,
    read: (value, { site, issue, field }) =>
      one(site.versions.list((v) => v.projectId === issue.projectId), value, field),
    show: (ids, site) => listed(ids, site.versions),
  },
  components: {
    held: 'componentIds',
    many: true,
    read: (value, { site, issue, field }) =>
      one(site.components.list((c) => c.projectId === issue.projectId), value, field),
    show: (ids, site) => listed(ids, site.components),
  },
};

/** What some fields are called in the change log. */
const LOGGED = { fixVersions: 'Fix Version', components: 'Component' };

function summary(value, { field }) {
  if (typeof value !== 'string' || value.trim() === '') {
    throw bad(field, 'You must specify a summary of the issue.');
  }
  if (value.length > 255) throw bad(field, 'Summary must be less than 255 characters.');
  return value;
}

function document(value, { site, field }) {
  if (value === null) return null;
  const problems = site.world.contract.document(value);
  if (problems.length > 0) {
    const must = 'Operation value must be an Atlassian Document';
    const why = `${must} (see the Atlassian Document Format): ${problems[0]}`;
    throw bad(field, why).because(problems[0]);
  }
  return value;
}

function assignee(value, { site, issue, field }) {
  const id = value?.accountId ?? value?.id ?? null;
  if (id === null) return null;
  const project = site.projects.get(issue.projectId);
  if (!site.users.get(id)) throw bad(field, 'Account ID is not valid.');
  if (!site.may(id, 'ASSIGNABLE_USER', project)) {
    throw bad(field, `User '${id}' cannot be assigned issues.`);
  }
  return id;
}

function label(value, { field }) {
  if (typeof value !== 'string') throw bad(field, 'Specify the label as a string.');
  if (/\s/.test(value)) throw bad(field, `The label '${value}' contains spaces which is invalid.`);
  return value;
}

function one(list, value, field) {
  const found = pick(list, value);
  if (!found) throw bad(field, `The value of ${field} is not valid: ${JSON.stringify(value)}`);
  return found.id;
}

const listed = (ids, collection) =>
  [ids.at(-1) ?? null, ids.map((id) => collection.get(id).name).join(', ') || null];

/** The text of a document, for the change log. */
export function plain(node) {
  if (!node) return null;
  return node.text ?? (node.content ?? []).map(plain).join(node.type === 'doc' ? '\n' : '');
}

/** What `fields` and `update` of an edit come to: the new held fields. */
export function apply(site, issue, { fields = {}, update = {} }) {
  const next = { ...issue.fields };
  for (const [field, value] of Object.entries(fields)) {
    if (field in update) {
      throw bad(field, `Field '${field}' cannot appear in both 'fields' and 'update'`);
    }
    operate(site, issue, next, field, 'set', value);
  }
  for (const [field, operations] of Object.entries(update)) {
    if (field === 'comment') continue;
    for (const operation of operations) {
      const [[verb, value]] = Object.entries(operation);
      operate(site, issue, next, field, verb, value);
    }
  }
  return next;
}

function operate(site, issue, next, field, verb, value) {
  const known = FIELDS[field];
  if (!known) {
    const why = 'It is not on the appropriate screen, or unknown.';
    throw bad(field, `Field '${field}' cannot be set. ${why}`);
  }
  const read = (each) => known.read(each, { site, issue, field });
  if (verb === 'set') next[known.held] = known.many ? list(value, field).map(read) : read(value);
  else if (known.many && verb === 'add') {
    next[known.held] = [...new Set([...next[known.held], read(value)])];
  } else if (known.many && verb === 'remove') {
    const gone = read(value);
    next[known.held] = next[known.held].filter((held) => held !== gone);
  } else throw bad(field, `Field '${field}' does not support operation '${verb}'`);
}

function list(value, field) {
  if (!Array.isArray(value)) throw bad(field, 'data was not an array');
  return value;
}

/** The entries of the change log between two states of the fields. */
export function differences(site, before, after) {
  const items = Object.entries(FIELDS)
    .filter(([, { held }]) => !same(before[held], after[held]))
    .map(([field, { held, show }]) =>
      item(LOGGED[field] ?? field, field, show(before[held], site), show(after[held], site)));
  if (before.statusId !== after.statusId) {
    const show = (id) => [id, pick(STATUSES, { id }).name];
    items.push(item('status', 'status', show(before.statusId), show(after.statusId)));
  }
  return items;
}

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const item = (field, fieldId, [from, fromString], [to, toString]) => ({
  field, fieldtype: 'jira', fieldId, from, fromString, to, toString,
});
