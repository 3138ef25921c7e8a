/**
 * Several values at once: batches, where each stands for itself, and transactions, all or nothing.
 */
import { filter } from './conditions.mjs';
import { GROUP, checkKey } from './limits.mjs';
import { Refusal, invalid } from './refusal.mjs';

export class Groups {
  /** @param {import('./kvs.mjs').Kvs} kvs */
  constructor(kvs) {
    this.kvs = kvs;
  }

  get(items) {
    return this.batch(items, (item) => this.kvs.getOne(kindOf(item), item));
  }

  set(items) {
    return this.change('set', items, (item) => this.kvs.write(kindOf(item), item));
  }

  delete(items) {
    return this.change('delete', items, (item) => this.kvs.remove(kindOf(item), item));
  }

  change(what, items, one) {
    return this.kvs.boundaries.around(`kvs.batch ${what} ${keys(items)}`, () =>
      this.batch(items, (item) => {
        one(item);
        return { key: item.key };
      }),
    );
  }

  /** Best effort: what fails does not hinder the rest. */
  batch(items, one) {
    check(items, 'batch');
    const successfulKeys = [];
    const failedKeys = [];
    for (const item of items) {
      const entity = item.entityName && { entityName: item.entityName };
      try {
        successfulKeys.push({ ...one(item), ...entity });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        failedKeys.push({ key: item.key, ...entity, error: error.body });
      }
    }
    return { status: 200, body: { successfulKeys, failedKeys } };
  }

  transaction({ set = [], delete: removed = [], check: conditional = [] }) {
    const all = [...set, ...removed, ...conditional];
    check(all, 'transaction');
    if (conditional.some(({ conditions }) => !conditions)) {
      throw invalid('INVALID_TRANSACTION', 'a check needs conditions');
    }
    const { boundaries, store } = this.kvs;
    return boundaries.around(`kvs.transaction ${keys(all)}`, () =>
      store.transact(() => {
        for (const item of all) this.require(item);
        for (const item of set) this.kvs.write(kindOf(item), item);
        for (const item of removed) this.kvs.remove(kindOf(item), item);
        return { status: 204 };
      }),
    );
  }

  require({ key, entityName, conditions }) {
    if (!conditions) return;
    if (!entityName) throw invalid('INVALID_TRANSACTION', 'conditions need an entity');
    checkKey(key);
    const { entities, records, store } = this.kvs;
    const { attributes } = entities.get(entityName);
    const value = records.get('entity', entityName, key)?.value;
    this.kvs.spend('read', value ?? '');
    const { sql, params } = filter(conditions, (name) => Boolean(attributes[name]));
    const subject = [...params, value ?? '{}'];
    const { met } = store.get(`SELECT ${sql} AS met FROM (SELECT ? AS value)`, ...subject);
    if (met) return;
    const message = `the conditions on ${entityName} ${key} are not met`;
    throw invalid('CONDITIONAL_CHECK_FAILED', message);
  }
}

const kindOf = ({ entityName }) => (entityName ? 'entity' : 'plain');
const keys = (items) => (Array.isArray(items) ? items.map(({ key }) => key).join(' ') : '');

function check(items, name) {
  if (!Array.isArray(items) || items.length === 0 || items.length > GROUP.items) {
    throw invalid(`INVALID_${name.toUpperCase()}`, `a ${name} has 1 to ${GROUP.items} items`);
  }
  const names = items.map(({ key, entityName = '' }) => `${entityName} ${key}`);
  if (new Set(names).size !== names.length) throw invalid('DUPLICATE_KEYS', 'a key occurs twice');
  const size = Buffer.byteLength(JSON.stringify(items));
  if (size > GROUP.bytes) throw invalid('MAX_SIZE', `a ${name} of ${size} bytes is over 4 MB`);
}
