/**
 * Forge's key-value store and custom entities, command by command, as @forge/kvs asks for them.
 * https://developer.atlassian.com/platform/forge/storage-reference/storage-api/
 */
import { units } from '../meter.mjs';
import { attribute, filter, range } from './conditions.mjs';
import { Entities } from './entities.mjs';
import { TRANSACTION, checkKey, checkValue, lifetime } from './limits.mjs';
import { Records } from './records.mjs';
import { Refusal, invalid } from './refusal.mjs';

const BATCH = { items: 25, bytes: TRANSACTION.bytes };
const PAGE = { standard: 10, most: 100 };
const PER_MINUTE = 4000;
const PER_SECOND = 1000;

export class Kvs {
  constructor({ store, clock, manifest, meter, rates, boundaries, options }) {
    Object.assign(this, { store, meter, rates, boundaries });
    this.allowed = manifest.scopes.has('storage:app');
    this.entities = new Entities(manifest.entities);
    this.records = new Records(store, clock, options);
    store.declare(this.entities.ddl);
  }

  /** @returns {{status: number, body?: object}} */
  answer(path, body) {
    try {
      if (!this.allowed) throw new Refusal(403, 'FORBIDDEN', 'the manifest lacks the scope storage:app');
      if (!this.rates.take('kvs requests', PER_SECOND, 1000)) throw tooMany('1000 requests per second');
      this.meter.add('kvs.requests');
      return this.command(path.replace('/api/v1/', ''), body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  command(name, body) {
    switch (name) {
      case 'get': return this.get('plain', body);
      case 'secret/get': return this.get('secret', body);
      case 'entity/get': return this.get('entity', body);
      case 'set': return this.set('plain', body);
      case 'secret/set': return this.set('secret', body);
      case 'entity/set': return this.set('entity', body);
      case 'delete': return this.delete('plain', body);
      case 'secret/delete': return this.delete('secret', body);
      case 'entity/delete': return this.delete('entity', body);
      case 'query': return this.query(body);
      case 'entity/query': return this.queryEntity(body);
      case 'batch/get': return this.batch(body, (item) => this.getOne(kindOf(item), item));
      case 'batch/set': return this.batchWrite(name, body, (item) => this.write(kindOf(item), item));
      case 'batch/delete': return this.batchWrite(name, body, (item) => this.remove(kindOf(item), item));
      case 'transaction': return this.transaction(body);
      default: throw new Refusal(501, 'UNKNOWN_COMMAND', `the stand-in has no storage command ${name}`);
    }
  }

  get(kind, item) {
    return { status: 200, body: this.getOne(kind, item) };
  }

  getOne(kind, { key, entityName = '' }) {
    checkKey(key);
    if (kind === 'entity') this.entities.get(entityName);
    const record = this.records.get(kind, entityName, key);
    this.spend('read', record?.value ?? '');
    if (!record) throw new Refusal(404, 'KEY_NOT_FOUND', `no value for ${key}`);
    return shown(record);
  }

  set(kind, item) {
    const { key, entityName = '', options = {} } = item;
    return this.boundaries.around(`kvs.${kind === 'plain' ? '' : `${kind}.`}set ${key}`, () => {
      const old = this.records.get(kind, entityName, key);
      if (old && options.keyPolicy === 'FAIL_IF_EXISTS') {
        throw new Refusal(409, 'KEY_CONFLICT', `${key} exists`);
      }
      const record = this.write(kind, item);
      if (!options.returnValue) return { status: 200 };
      const wanted = options.returnValue === 'PREVIOUS' ? old : record;
      return wanted ? { status: 200, body: shown(wanted) } : { status: 200 };
    });
  }

  write(kind, { key, entityName = '', value, options = {} }) {
    checkKey(key);
    const text = checkValue(kind, value);
    if (kind === 'entity') this.entities.check(entityName, value);
    this.spend('write', text);
    return this.records.set(kind, entityName, key, text, lifetime(options.ttl));
  }

  delete(kind, item) {
    return this.boundaries.around(`kvs.delete ${item.key}`, () => {
      if (this.remove(kind, item)) return { status: 204 };
      throw new Refusal(404, 'KEY_NOT_FOUND', `no value for ${item.key}`);
    });
  }

  remove(kind, { key, entityName = '' }) {
    checkKey(key);
    if (kind === 'entity') this.entities.get(entityName);
    this.spend('write', '');
    return this.records.delete(kind, entityName, key);
  }

  query({ limit, after, where = [] }) {
    const conditions = where.map((each) => {
      if (each.property !== 'key' || each.condition !== 'BEGINS_WITH') {
        throw new Refusal(501, 'UNKNOWN_CONDITION', 'a plain query knows only key BEGINS_WITH');
      }
      const [prefix] = each.values;
      return { sql: 'key >= ? AND key < ?', params: [prefix, `${prefix}\u{10ffff}`] };
    });
    if (after) conditions.push({ sql: 'key > ?', params: decode(after) });
    return this.page({ kind: 'plain', entity: '', where: conditions, order: ['key'] }, limit);
  }

  queryEntity({ entityName, indexName, partition = [], range: wanted, filters, sort, cursor, limit }) {
    const { attributes } = this.entities.get(entityName);
    const index = this.entities.index(entityName, indexName);
    if (partition.length !== index.partition.length) {
      throw invalid('INVALID_PARTITION', `index ${indexName} has ${index.partition.length} partition attributes`);
    }
    const by = index.range ? attribute(index.range) : 'key';
    const descending = sort === 'DESC';
    const where = index.partition.map((name, n) => ({ sql: `${attribute(name)} = ?`, params: [partition[n]] }));
    where.push({ sql: `${by} IS NOT NULL`, params: [] });
    if (wanted) where.push(range(by, wanted));
    if (filters) where.push(filter(filters, (name) => Boolean(attributes[name])));
    if (cursor) where.push({ sql: `(${by}, key) ${descending ? '<' : '>'} (?, ?)`, params: decode(cursor) });
    return this.page({ kind: 'entity', entity: entityName, where, order: [by, 'key'], descending }, limit);
  }

  page(query, limit = PAGE.standard) {
    if (limit < 1 || limit > PAGE.most) throw invalid('INVALID_LIMIT', 'a limit is within 1 and 100');
    const rows = this.records.query({ ...query, limit: limit + 1 });
    const data = rows.slice(0, limit);
    this.spend('read', data.map(({ value }) => value).join(''));
    const last = rows.length > limit && data.at(-1);
    const cursor = last ? encode(query.order.map((_, n) => last[`o${n}`])) : undefined;
    return { status: 200, body: { data: data.map(shown), cursor } };
  }

  batchWrite(name, items, one) {
    const keys = Array.isArray(items) ? items.map(({ key }) => key).join(' ') : '';
    return this.boundaries.around(`kvs.${name} ${keys}`, () => this.batch(items, (item) => {
      one(item);
      return { key: item.key, ...(item.entityName && { entityName: item.entityName }) };
    }));
  }

  /** Best effort: what fails does not hinder the rest. */
  batch(items, one) {
    if (!Array.isArray(items) || items.length === 0 || items.length > BATCH.items) {
      throw invalid('INVALID_BATCH', `a batch has 1 to ${BATCH.items} items`);
    }
    checkTogether(items, BATCH.bytes);
    const successfulKeys = [];
    const failedKeys = [];
    for (const item of items) {
      const { key, entityName } = item;
      try {
        successfulKeys.push({ ...one(item), ...(entityName && { entityName }) });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        failedKeys.push({ key, ...(entityName && { entityName }), error: error.body });
      }
    }
    return { status: 200, body: { successfulKeys, failedKeys } };
  }

  transaction({ set = [], delete: removed = [], check = [] }) {
    const all = [...set, ...removed, ...check];
    if (all.length === 0 || all.length > TRANSACTION.operations) {
      throw invalid('INVALID_TRANSACTION', `a transaction has 1 to ${TRANSACTION.operations} operations`);
    }
    checkTogether(all, TRANSACTION.bytes);
    if (check.some(({ conditions }) => !conditions)) {
      throw invalid('INVALID_TRANSACTION', 'a check needs conditions');
    }
    const name = `kvs.transaction ${all.map(({ key }) => key).join(' ')}`;
    return this.boundaries.around(name, () => this.store.transact(() => {
      for (const item of all) this.require(item);
      for (const item of set) this.write(kindOf(item), item);
      for (const item of removed) this.remove(kindOf(item), item);
      return { status: 204 };
    }));
  }

  require({ key, entityName, conditions }) {
    if (!conditions) return;
    if (!entityName) throw invalid('INVALID_TRANSACTION', 'conditions need an entity');
    checkKey(key);
    const { attributes } = this.entities.get(entityName);
    const value = this.records.get('entity', entityName, key)?.value;
    this.spend('read', value ?? '');
    const { sql, params } = filter(conditions, (name) => Boolean(attributes[name]));
    const row = this.store.get(`SELECT ${sql} AS met FROM (SELECT ? AS value)`, ...params, value ?? '{}');
    if (!row.met) throw invalid('CONDITIONAL_CHECK_FAILED', `the conditions on ${entityName} ${key} are not met`);
  }

  spend(what, text) {
    const used = units(Buffer.byteLength(text));
    if (!this.rates.take(`kvs ${what} units`, PER_MINUTE, 60_000, used)) {
      throw tooMany(`${PER_MINUTE} ${what} units per minute`);
    }
    this.meter.add(`kvs.${what}_units`, used);
  }
}

const kindOf = ({ entityName }) => (entityName ? 'entity' : 'plain');
const tooMany = (what) => new Refusal(429, 'RATE_LIMIT_EXCEEDED', `over ${what}`);

function checkTogether(items, bytes) {
  const names = items.map(({ key, entityName = '' }) => `${entityName} ${key}`);
  if (new Set(names).size !== names.length) throw invalid('DUPLICATE_KEYS', 'a key occurs twice');
  if (Buffer.byteLength(JSON.stringify(items)) > bytes) throw invalid('MAX_SIZE', 'more than 4 MB');
}

const shown = ({ key, value, created_at: createdAt, updated_at: updatedAt, expires_at: expires }) => ({
  key,
  value: JSON.parse(value),
  createdAt,
  updatedAt,
  ...(expires !== null && { expireTime: new Date(expires).toISOString() }),
});

const encode = (position) => Buffer.from(JSON.stringify(position)).toString('base64url');
function decode(cursor) {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalid('INVALID_CURSOR', 'not a cursor of this store');
  }
}
