/**
 * The part of JQL that the simulated Jira understands,
 * https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
 *
 * Terms joined by AND, OR, NOT and brackets, then ORDER BY. What is not understood is refused, as
 * Jira refuses it, and never silently matched.
 */
import { refusal } from './site.mjs';
import { plain } from './edit.mjs';

/** A quoted text, a sign, or a word. */
const TOKEN = new RegExp(
  [/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/, /(!=|!~|>=|<=|[=~<>(),])/, /([^\s=~!<>(),"']+)/]
    .map(({ source }) => `\\s*${source}`)
    .join('|'),
  'y',
);

const bad = (message) => refusal(400, message);

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw bad(`Error in the JQL Query: unexpected character at ${at + 1}.`);
    const [, quoted, sign, word] = match;
    if (quoted) found.push({ text: quoted.slice(1, -1).replace(/\\(.)/g, '$1'), quoted: true });
    else found.push({ text: sign ?? word, sign: sign !== undefined });
  }
  return found;
}

/** Reads a query into a tree of terms and an order. */
export function parse(text) {
  return new Reader(tokens(text)).query();
}

class Reader {
  constructor(left) {
    this.left = left;
  }

  is(word) {
    const [next] = this.left;
    return next !== undefined && !next.quoted && next.text.toUpperCase() === word;
  }

  take(word) {
    return this.is(word) && this.left.shift() !== undefined;
  }

  need(word) {
    if (this.take(word)) return;
    const found = this.left[0]?.text ?? 'the end of the query';
    throw bad(`Error in the JQL Query: Expecting '${word}' but got '${found}'.`);
  }

  query() {
    const where = this.left.length === 0 || this.is('ORDER') ? undefined : this.any();
    const order = this.take('ORDER') ? this.order() : [];
    if (this.left.length > 0) {
      throw bad(`Error in the JQL Query: unexpected '${this.left[0].text}'.`);
    }
    return { where, order };
  }

  any() {
    const terms = [this.all()];
    while (this.take('OR')) terms.push(this.all());
    return terms.length > 1 ? { any: terms } : terms[0];
  }

  all() {
    const terms = [this.term()];
    while (this.take('AND')) terms.push(this.term());
    return terms.length > 1 ? { all: terms } : terms[0];
  }

  term() {
    if (this.take('NOT')) return { not: this.term() };
    if (this.take('(')) {
      const inner = this.any();
      this.need(')');
      return inner;
    }
    const field = this.value().toLowerCase();
    if (this.take('IS')) return this.emptiness(field);
    if (this.take('IN')) return { field, sign: '=', values: this.values() };
    if (this.take('NOT')) {
      this.need('IN');
      return { not: { field, sign: '=', values: this.values() } };
    }
    return this.comparison(field);
  }

  emptiness(field) {
    const empty = { field, empty: true };
    const negated = this.take('NOT');
    if (!this.take('EMPTY')) this.need('NULL');
    return negated ? { not: empty } : empty;
  }

  comparison(field) {
    const sign = this.left.shift()?.text;
    const negated = ['!=', '!~'].includes(sign);
    if (!negated && !['=', '~', '<', '<=', '>', '>='].includes(sign)) {
      throw bad(`Error in the JQL Query: Expecting operator but got '${sign ?? ''}'.`);
    }
    const term = { field, sign: negated ? sign.slice(1) : sign, values: [this.value()] };
    return negated ? { not: term } : term;
  }

  values() {
    this.need('(');
    const list = [this.value()];
    while (this.take(',')) list.push(this.value());
    this.need(')');
    return list;
  }

  value() {
    const token = this.left.shift();
    if (!token || token.sign) throw bad('Error in the JQL Query: Expecting a value.');
    // A function such as currentUser() is known by its name alone.
    if (!token.quoted && this.take('(')) this.need(')');
    return token.text;
  }

  order() {
    this.need('BY');
    const keys = [];
    do {
      const field = this.value().toLowerCase();
      const down = this.take('DESC');
      this.take('ASC');
      keys.push({ field, down });
    } while (this.take(','));
    return keys;
  }
}

/** The values of an issue that a term's field looks at, in lower case. */
const FIELDS = {
  project: (f) => [f.project.key, f.project.name, f.project.id],
  key: (f, issue) => [issue.key, issue.id],
  status: (f) => [f.status.name, f.status.id],
  statuscategory: (f) => [f.status.statusCategory.name, f.status.statusCategory.key],
  issuetype: (f) => [f.issuetype.name, f.issuetype.id],
  priority: (f) => [f.priority.name, f.priority.id],
  component: (f) => f.components.flatMap(({ name, id }) => [name, id]),
  fixversion: (f) => f.fixVersions.flatMap(({ name, id }) => [name, id]),
  affectedversion: (f) => f.versions.flatMap(({ name, id }) => [name, id]),
  labels: (f) => f.labels,
  assignee: (f) => (f.assignee ? [f.assignee.accountId, f.assignee.displayName] : []),
  reporter: (f) => (f.reporter ? [f.reporter.accountId, f.reporter.displayName] : []),
  resolution: (f) => (f.resolution ? [f.resolution.name] : []),
  summary: (f) => [f.summary],
  description: (f) => [plain(f.description) ?? ''],
  comment: (f) => f.comment.comments.map(({ body }) => plain(body)),
  created: (f) => [f.created],
  updated: (f) => [f.updated],
};
FIELDS.text = (f) => ['summary', 'description', 'comment'].flatMap((name) => FIELDS[name](f));

const ALIASES = { issuekey: 'key', id: 'key', issue: 'key', type: 'issuetype' };
const TEXT = new Set(['summary', 'description', 'comment', 'text']);
const TIMES = new Set(['created', 'updated']);

const reader = (field) => {
  const name = ALIASES[field] ?? field;
  if (!FIELDS[name]) {
    throw bad(`Field '${field}' does not exist or you do not have permission to view it.`);
  }
  return { name, read: FIELDS[name] };
};

/** Whether an issue satisfies a tree of terms. `view` holds all its fields as Jira shows them. */
export function matches(tree, { issue, fields, now, account }) {
  const at = { issue, fields, now, account };
  if (!tree) return true;
  if (tree.not) return !matches(tree.not, at);
  if (tree.all) return tree.all.every((term) => matches(term, at));
  if (tree.any) return tree.any.some((term) => matches(term, at));
  const { name, read } = reader(tree.field);
  const held = read(fields, issue).map((value) => value.toLowerCase());
  if (tree.empty) return held.length === 0;
  if (tree.sign === '~' || tree.sign === '=') {
    const textual = TEXT.has(name);
    if (textual !== (tree.sign === '~')) {
      throw bad(`The operator '${tree.sign}' is not supported by the '${tree.field}' field.`);
    }
    const wanted = tree.values.map((value) => constant(value, account).toLowerCase());
    if (textual) return found(held.join('\n'), wanted[0]);
    return wanted.some((value) =>
      value === 'empty' ? held.length === 0 : held.includes(value) ||
        (name === 'resolution' && value === 'unresolved' && held.length === 0));
  }
  if (!TIMES.has(name)) {
    throw bad(`The operator '${tree.sign}' is not supported by the '${tree.field}' field.`);
  }
  const difference = Date.parse(held[0].toUpperCase()) - moment(tree.values[0], now);
  return { '<': difference < 0, '<=': difference <= 0, '>': difference > 0, '>=': difference >= 0 }[
    tree.sign];
}

const constant = (value, account) => (value === 'currentUser' ? account : value);

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A date, or a time relative to now such as `-7d`. */
function moment(value, now) {
  const relative = /^([+-]?\d+)([mhdw])$/.exec(value);
  if (relative) return now + Number(relative[1]) * UNITS[relative[2]];
  const at = Date.parse(`${value.replace(/\//g, '-').replace(' ', 'T')}Z`);
  const day = Date.parse(value.replace(/\//g, '-'));
  if (Number.isNaN(at) && Number.isNaN(day)) throw bad(`Date value '${value}' is invalid.`);
  return Number.isNaN(at) ? day : at;
}

const WORDS = /[\p{L}\p{N}]+(?:\.[\p{N}]+)*/gu;

/**
 * Text search: all words must be there, or one side of an OR; a phrase in quotes stands together.
 * https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
 */
function found(text, wanted) {
  const words = text.match(WORDS) ?? [];
  const side = (part) => {
    const phrases = [...part.matchAll(/"([^"]+)"/g)].map(([, phrase]) => phrase.match(WORDS) ?? []);
    const loose = part.replace(/"[^"]*"/g, ' ').match(/[\p{L}\p{N}.]+\*?/gu) ?? [];
    return phrases.every((phrase) => ` ${words.join(' ')} `.includes(` ${phrase.join(' ')} `)) &&
      loose.filter((word) => word !== 'and').every((word) => has(words, word));
  };
  return wanted.split(/\s+or\s+/).some(side);
}

const has = (words, wanted) =>
  wanted.endsWith('*')
    ? words.some((word) => word.startsWith(wanted.slice(0, -1)))
    : words.includes(wanted.replace(/^\.+|\.+$/g, ''));

/** Compares two issues by an ORDER BY; without one, the newest comes first. */
export function compare(order, a, b) {
  for (const { field, down } of order.length > 0 ? order : [{ field: 'created', down: true }]) {
    const { name, read } = reader(field);
    const value = ({ issue, fields }) => read(fields, issue).at(name === 'priority' ? 1 : 0) ?? '';
    const result = name === 'key' ? byKey(a.issue.key, b.issue.key) : text(value(a), value(b));
    if (result !== 0) return down ? -result : result;
  }
  return byKey(b.issue.key, a.issue.key);
}

const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a, b) => a.localeCompare(b, 'en', { numeric: true });
