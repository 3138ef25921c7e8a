/**
 * The part of SOQL that the simulated org understands: SELECT with parents, WHERE, ORDER BY, LIMIT.
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
 */
import { refusal } from './org.mjs';
import { SCHEMA, relationship } from './schema.mjs';

const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*')|(!=|<>|>=|<=|[=<>(),])|([^\s=<>!(),']+))/y;

const malformed = (message) => refusal(400, 'MALFORMED_QUERY', message);

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (!match) throw malformed('unexpected token');
    const [, quoted, sign, word] = match;
    if (quoted) found.push({ value: quoted.slice(1, -1).replace(/\\(.)/g, '$1') });
    else found.push({ word: sign ?? word });
  }
  return found;
}

/** Reads a query; every name in it is checked against the schema. */
export function parse(text) {
  return new Reader(tokens(text)).query();
}

class Reader {
  constructor(left) {
    this.left = left;
  }

  is(word) {
    return this.left[0]?.word?.toUpperCase() === word;
  }

  take(word) {
    return this.is(word) && this.left.shift() !== undefined;
  }

  need(word) {
    if (!this.take(word)) {
      throw malformed(`unexpected token: '${this.left[0]?.word ?? '<EOF>'}', expected ${word}`);
    }
  }

  name() {
    const { word } = this.left.shift() ?? {};
    if (!word || !/^[A-Za-z_][\w.]*$/.test(word)) throw malformed(`unexpected token: '${word}'`);
    return word;
  }

  query() {
    this.need('SELECT');
    const select = [this.name()];
    while (this.take(',')) select.push(this.name());
    this.need('FROM');
    const object = this.name();
    if (!SCHEMA[object]) {
      throw refusal(400, 'INVALID_TYPE', `sObject type '${object}' is not supported.`);
    }
    this.object = object;
    const fields = select.map((path) => column(object, path));
    const where = this.take('WHERE') ? this.any() : undefined;
    const order = this.take('ORDER') ? this.order() : [];
    const limit = this.take('LIMIT') ? Number(this.left.shift()?.word) : Infinity;
    if (this.left.length > 0) throw malformed(`unexpected token: '${this.left[0].word}'`);
    return { object, fields, where, order, limit };
  }

  any() {
    const terms = [this.all()];
    while (this.take('OR')) terms.push(this.all());
    return (record) => terms.some((term) => term(record));
  }

  all() {
    const terms = [this.term()];
    while (this.take('AND')) terms.push(this.term());
    return (record) => terms.every((term) => term(record));
  }

  term() {
    if (this.take('NOT')) {
      const inner = this.term();
      return (record) => !inner(record);
    }
    if (this.take('(')) {
      const inner = this.any();
      this.need(')');
      return inner;
    }
    const path = column(this.object, this.name());
    const negated = this.take('NOT');
    const sign = this.left.shift()?.word?.toUpperCase();
    const test = negated && sign === 'IN' ? SIGNS['NOT IN'] : SIGNS[sign];
    if (!test) throw malformed(`unexpected token: '${sign}'`);
    const wanted = sign === 'IN' ? this.list() : this.literal();
    return (record) => test(record(path), wanted);
  }

  list() {
    this.need('(');
    const values = [this.literal()];
    while (this.take(',')) values.push(this.literal());
    this.need(')');
    return values;
  }

  literal() {
    const token = this.left.shift() ?? {};
    if ('value' in token) return token.value;
    const word = token.word?.toLowerCase();
    if (word in CONSTANTS) return CONSTANTS[word];
    if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word);
    const at = Date.parse(token.word);
    if (Number.isNaN(at)) throw malformed(`unexpected token: '${token.word}'`);
    return new Date(at);
  }

  order() {
    this.need('BY');
    const keys = [];
    do {
      const path = column(this.object, this.name());
      const down = this.take('DESC');
      this.take('ASC');
      keys.push({ path, down });
    } while (this.take(','));
    return keys;
  }
}

const CONSTANTS = { null: null, true: true, false: false };

const lower = (value) => (typeof value === 'string' ? value.toLowerCase() : value);
const equal = (a, b) => lower(a) === lower(b);
const ordered = (a, b) => (b instanceof Date ? Date.parse(a) - b.getTime() : a - b);
const like = (value, pattern) => {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const regex = escaped.replace(/%/g, '[\\s\\S]*').replace(/_/g, '.');
  return new RegExp(`^${regex}$`, 'i').test(value ?? '');
};

const SIGNS = {
  '=': equal,
  '!=': (a, b) => !equal(a, b),
  '<>': (a, b) => !equal(a, b),
  '<': (a, b) => ordered(a, b) < 0,
  '<=': (a, b) => ordered(a, b) <= 0,
  '>': (a, b) => ordered(a, b) > 0,
  '>=': (a, b) => ordered(a, b) >= 0,
  LIKE: like,
  IN: (a, list) => list.some((value) => equal(a, value)),
  'NOT IN': (a, list) => !list.some((value) => equal(a, value)),
};

/** A path such as `Owner.Email`, with its names as the schema spells them. */
function column(object, path) {
  const parts = path.split('.');
  if (parts.length > 1 && parts[0].toLowerCase() === object.toLowerCase()) parts.shift();
  const names = [];
  let at = object;
  for (const part of parts.slice(0, -1)) {
    const step = relationship(at, part);
    if (!step) {
      throw refusal(400, 'INVALID_FIELD',
        `Didn't understand relationship '${part}' in field path.`);
    }
    names.push(part);
    at = step.to;
  }
  const last = parts.at(-1);
  const name = Object.keys(SCHEMA[at].fields).find((f) => f.toLowerCase() === last.toLowerCase());
  if (!name) {
    throw refusal(400, 'INVALID_FIELD', `No such column '${last}' on entity '${at}'. If you are ` +
      "attempting to use a custom field, be sure to append the '__c' after the custom field name.");
  }
  return [...names, name];
}

/** The records a query finds, shaped as Salesforce shapes them. */
export function run(org, text, view) {
  const { object, fields, where, order, limit } = parse(text);
  const found = org.all(object)
    .map((record) => ({ record, at: (path) => value(org, object, record, path) }))
    .filter(({ at }) => !where || where(at))
    .sort((a, b) => compare(order, a.at, b.at))
    .slice(0, limit)
    .map(({ record }) => shape(org, object, record, fields, view));
  return { totalSize: found.length, done: true, records: found };
}

function value(org, object, record, [name, ...rest]) {
  if (!record) return null;
  if (rest.length === 0) return record[name];
  const { field, to } = relationship(object, name);
  return value(org, to, org.find(to, record[field]), rest);
}

function compare(order, a, b) {
  for (const { path, down } of order) {
    const [left, right] = [a(path) ?? '', b(path) ?? ''];
    if (left !== right) return (left < right) === down ? 1 : -1;
  }
  return 0;
}

function shape(org, object, record, paths, view) {
  if (!record) return null;
  const shown = { attributes: view(object, record) };
  for (const [name, ...rest] of paths) {
    if (rest.length === 0) shown[name] = record[name];
    else if (!(name in shown)) {
      const { field, to } = relationship(object, name);
      const below = paths.filter(([first, ...more]) => first === name && more.length > 0);
      const parent = org.find(to, record[field]);
      shown[name] = shape(org, to, parent, below.map((path) => path.slice(1)), view);
    }
  }
  return shown;
}
