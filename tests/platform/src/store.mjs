/**
 * The one SQLite file that holds everything, so that a killed platform loses nothing it has
 * answered for.
 */
import Database from 'libsql';

export class Store {
  /** @param {string} file a path, or `:memory:` */
  constructor(file) {
    this.db = new Database(file);
    // The file has to survive the death of the process, not of the machine: no fsync needed.
    this.db.pragma('journal_mode = WAL');
    this.db.pragma('synchronous = OFF');
    this.prepared = new Map();
    this.db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  }

  /** Creates tables and indexes; every noun declares its own. */
  declare(ddl) {
    this.db.exec(ddl);
  }

  get(sql, ...params) {
    return this.statement(sql).get(...params.map(bindable));
  }

  all(sql, ...params) {
    return this.statement(sql).all(...params.map(bindable));
  }

  run(sql, ...params) {
    return this.statement(sql).run(...params.map(bindable));
  }

  /** Does all of `work` or nothing of it. `work` must not wait for anything. */
  transact(work) {
    return this.db.inTransaction ? work() : this.db.transaction(work)();
  }

  meta(key) {
    const row = this.get('SELECT value FROM meta WHERE key = ?', key);
    return row && JSON.parse(row.value);
  }

  setMeta(key, value) {
    this.run(
      `INSERT INTO meta (key, value) VALUES (?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      key,
      JSON.stringify(value),
    );
    return value;
  }

  /** The value of a setting, made on first use and kept for ever. */
  once(key, make) {
    return this.meta(key) ?? this.setMeta(key, make());
  }

  statement(sql) {
    if (!this.prepared.has(sql)) this.prepared.set(sql, this.db.prepare(sql));
    return this.prepared.get(sql);
  }

  close() {
    this.db.close();
  }
}

/** The binding aborts the process on a boolean or an object: let none through. */
function bindable(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`cannot store a ${typeof value}`);
}
