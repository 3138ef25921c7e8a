/**
 * Forge's key-value store and custom entities, command by command, as @forge/kvs asks for them.
 * https://developer.atlassian.com/platform/forge/storage-reference/storage-api/
 */
import { units } from '../meter.mjs';
import { Entities } from './entities.mjs';
import { Groups } from './groups.mjs';
import { checkKey, checkValue, lifetime } from './limits.mjs';
import { Queries } from './queries.mjs';
import { Records, shown } from './records.mjs';
import { Refusal } from './refusal.mjs';

const PER_MINUTE = 4000;
const PER_SECOND = 1000;

export class Kvs {
  constructor({ store, clock, manifest, meter, rates, boundaries, options }) {
    Object.assign(this, { store, meter, rates, boundaries });
    this.allowed = manifest.scopes.has('storage:app');
    this.entities = new Entities(manifest.entities);
    this.records = new Records(store, clock, options);
    store.declare(this.entities.ddl);
    this.queries = new Queries(this);
    this.groups = new Groups(this);
  }

  /** @returns {{status: number, body?: object}} */
  answer(path, body) {
    try {
      if (!this.allowed) throw new Refusal(403, 'FORBIDDEN', 'the manifest lacks storage:app');
      if (!this.rates.take('kvs requests', PER_SECOND, 1000)) {
        throw tooMany(`${PER_SECOND} requests per second`);
      }
      this.meter.add('kvs.requests');
      return this.command(path.replace('/api/v1/', ''), body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  command(name, body) {
    const run = COMMANDS[name];
    if (run) return run(this, body);
    throw new Refusal(501, 'UNKNOWN_COMMAND', `the stand-in has no storage command ${name}`);
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

  spend(what, text) {
    const used = units(Buffer.byteLength(text));
    if (!this.rates.take(`kvs ${what} units`, PER_MINUTE, 60_000, used)) {
      throw tooMany(`${PER_MINUTE} ${what} units per minute`);
    }
    this.meter.add(`kvs.${what}_units`, used);
  }
}

const tooMany = (what) => new Refusal(429, 'RATE_LIMIT_EXCEEDED', `over ${what}`);

/** @type {Record<string, (kvs: Kvs, body: any) => {status: number, body?: object}>} */
const COMMANDS = {
  get: (kvs, body) => kvs.get('plain', body),
  'secret/get': (kvs, body) => kvs.get('secret', body),
  'entity/get': (kvs, body) => kvs.get('entity', body),
  set: (kvs, body) => kvs.set('plain', body),
  'secret/set': (kvs, body) => kvs.set('secret', body),
  'entity/set': (kvs, body) => kvs.set('entity', body),
  delete: (kvs, body) => kvs.delete('plain', body),
  'secret/delete': (kvs, body) => kvs.delete('secret', body),
  'entity/delete': (kvs, body) => kvs.delete('entity', body),
  query: (kvs, body) => kvs.queries.plain(body),
  'entity/query': (kvs, body) => kvs.queries.entity(body),
  'batch/get': (kvs, body) => kvs.groups.get(body),
  'batch/set': (kvs, body) => kvs.groups.set(body),
  'batch/delete': (kvs, body) => kvs.groups.delete(body),
  transaction: (kvs, body) => kvs.groups.transaction(body),
};
