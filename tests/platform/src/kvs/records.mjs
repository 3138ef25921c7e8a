/**
 * Stored values and how they are seen. A get sees the latest write. A query sees each key as it was
 * before its first write of the last `lagMs` of the platform's clock, or since the last quiet point
 * if that is nearer: so a chain of events never sees its own writes in a query, and a test that
 * waited for the platform to settle always does.
 *
 * An expired value can still be read for `overhangMs`, as on Forge, where it may stay for 48 hours.
 */
const FIELDS = 'key, value, created_at, updated_at, expires_at';

export class Records {
  /**
   * @param {import('../store.mjs').Store} store
   * @param {import('../clock.mjs').Clock} clock
   * @param {{lagMs?: number, overhangMs?: number}} [options] a lag of 0: queries see every write
   */
  constructor(store, clock, { lagMs = 200, overhangMs = 48 * 3_600_000 } = {}) {
    Object.assign(this, { store, clock, lagMs, overhangMs });
    for (const table of ['record', 'shadow']) {
      store.declare(`CREATE TABLE IF NOT EXISTS ${table} (
        kind TEXT NOT NULL, entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT,
        created_at INTEGER, updated_at INTEGER, expires_at INTEGER
        ${table === 'shadow' ? ', since INTEGER NOT NULL' : ''},
        PRIMARY KEY (kind, entity, key))`);
    }
  }

  get(kind, entity, key) {
    return this.store.get(
      `SELECT ${FIELDS} FROM record WHERE kind = ? AND entity = ? AND key = ? AND ${ALIVE}`,
      kind,
      entity,
      key,
      this.deadline,
    );
  }

  /** @returns {object} the record as it now is */
  set(kind, entity, key, value, lifetimeMs) {
    const now = this.clock.now();
    this.cast(kind, entity, key);
    const old = this.get(kind, entity, key);
    return this.store.get(
      `INSERT INTO record (kind, entity, ${FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, entity, key) DO UPDATE SET value = excluded.value,
         created_at = excluded.created_at, updated_at = excluded.updated_at,
         expires_at = excluded.expires_at
       RETURNING ${FIELDS}`,
      kind,
      entity,
      key,
      value,
      old?.created_at ?? now,
      now,
      lifetimeMs === null ? null : now + lifetimeMs,
    );
  }

  delete(kind, entity, key) {
    this.cast(kind, entity, key);
    return (
      this.store.run(
        'DELETE FROM record WHERE kind = ? AND entity = ? AND key = ?',
        kind,
        entity,
        key,
      ).changes > 0
    );
  }

  /** Keeps what queries shall go on seeing; an absent key casts a shadow without a value. */
  cast(kind, entity, key) {
    if (this.lagMs === 0 || kind === 'secret') return;
    this.store.run(
      `INSERT OR IGNORE INTO shadow (kind, entity, ${FIELDS}, since)
       SELECT ?, ?, ?, r.value, r.created_at, r.updated_at, r.expires_at, ?
       FROM (SELECT 1) LEFT JOIN record r ON r.kind = ? AND r.entity = ? AND r.key = ?`,
      kind,
      entity,
      key,
      this.clock.now(),
      kind,
      entity,
      key,
    );
  }

  /** Queries see everything from here on. */
  catchUp() {
    this.store.run('DELETE FROM shadow');
  }

  /**
   * @param {{kind: string, entity: string, where: {sql: string, params: unknown[]}[],
   *   order: string[], descending?: boolean, limit: number}} query `order`: SQL expressions
   */
  query({ kind, entity, where, order, descending, limit }) {
    this.store.run('DELETE FROM shadow WHERE since <= ?', this.clock.now() - this.lagMs);
    const columns = order.map((expression, n) => `${expression} AS o${n}`);
    const direction = descending ? 'DESC' : 'ASC';
    const of = (table, unless) =>
      this.store.all(
        `SELECT ${[FIELDS, ...columns].join(', ')} FROM ${table}
       WHERE kind = '${kind}' AND entity = '${entity}' AND value IS NOT NULL AND ${ALIVE} ${unless}
         ${where.map(({ sql }) => `AND ${sql}`).join(' ')}
       ORDER BY ${order.map((column) => `${column} ${direction}`).join(', ')} LIMIT ${limit}`,
        this.deadline,
        ...where.flatMap(({ params }) => params),
      );
    const current = of(
      'record',
      `AND NOT EXISTS (SELECT 1 FROM shadow s
      WHERE s.kind = record.kind AND s.entity = record.entity AND s.key = record.key)`,
    );
    const sign = descending ? -1 : 1;
    return [...current, ...of('shadow', '')]
      .sort((a, b) => sign * compare(a, b, order.length))
      .slice(0, limit);
  }

  get deadline() {
    return this.clock.now() - this.overhangMs;
  }
}

/** A row as the API shows it. */
export const shown = ({
  key,
  value,
  created_at: createdAt,
  updated_at: updatedAt,
  expires_at: ends,
}) => ({
  key,
  value: JSON.parse(value),
  createdAt,
  updatedAt,
  ...(ends !== null && { expireTime: new Date(ends).toISOString() }),
});

const ALIVE = '(expires_at IS NULL OR expires_at > ?)';

function compare(a, b, columns) {
  for (let n = 0; n < columns; n += 1) {
    const [x, y] = [a[`o${n}`], b[`o${n}`]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
