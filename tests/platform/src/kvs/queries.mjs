/**
 * Finding values: by the beginning of the key, or by an index of an entity. A page at a time.
 */
import { attribute, filter, range } from './conditions.mjs';
import { shown } from './records.mjs';
import { Refusal, invalid } from './refusal.mjs';

const PAGE = { standard: 10, most: 100 };

export class Queries {
  /** @param {import('./kvs.mjs').Kvs} kvs */
  constructor(kvs) {
    this.kvs = kvs;
  }

  plain({ limit, after, where: wanted = [] }) {
    const where = wanted.map(({ property, condition, values: [prefix] }) => {
      if (property !== 'key' || condition !== 'BEGINS_WITH') {
        throw new Refusal(501, 'UNKNOWN_CONDITION', 'a plain query knows only key BEGINS_WITH');
      }
      return { sql: 'key >= ? AND key < ?', params: [prefix, `${prefix}\u{10ffff}`] };
    });
    if (after) where.push({ sql: 'key > ?', params: decode(after) });
    return this.page({ kind: 'plain', entity: '', where, order: ['key'] }, limit);
  }

  entity({ entityName, indexName, partition = [], range: wanted, filters, sort, cursor, limit }) {
    const { entities } = this.kvs;
    const { attributes } = entities.get(entityName);
    const index = entities.index(entityName, indexName);
    const parts = index.partition.length;
    if (partition.length !== parts) {
      throw invalid('INVALID_PARTITION', `index ${indexName} has ${parts} partition attributes`);
    }
    const by = index.range ? attribute(index.range) : 'key';
    const descending = sort === 'DESC';
    const where = index.partition.map((name, n) => equal(attribute(name), partition[n]));
    where.push({ sql: `${by} IS NOT NULL`, params: [] });
    if (wanted) where.push(range(by, wanted));
    if (filters) where.push(filter(filters, (name) => Boolean(attributes[name])));
    if (cursor) where.push(beyond(by, descending, decode(cursor)));
    const query = { kind: 'entity', entity: entityName, where, order: [by, 'key'], descending };
    return this.page(query, limit);
  }

  page(query, limit = PAGE.standard) {
    if (!(limit >= 1 && limit <= PAGE.most)) {
      throw invalid('INVALID_LIMIT', 'a limit is within 1 and 100');
    }
    const rows = this.kvs.records.query({ ...query, limit: limit + 1 });
    const data = rows.slice(0, limit);
    this.kvs.spend('read', data.map(({ value }) => value).join(''));
    const last = rows.length > limit && data.at(-1);
    const cursor = last ? encode(query.order.map((_, n) => last[`o${n}`])) : undefined;
    return { status: 200, body: { data: data.map(shown), cursor } };
  }
}

const equal = (expression, value) => ({ sql: `${expression} = ?`, params: [value] });

const beyond = (by, descending, position) => ({
  sql: `(${by}, key) ${descending ? '<' : '>'} (?, ?)`,
  params: position,
});

const encode = (position) => Buffer.from(JSON.stringify(position)).toString('base64url');

function decode(cursor) {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalid('INVALID_CURSOR', 'not a cursor of this store');
  }
}
