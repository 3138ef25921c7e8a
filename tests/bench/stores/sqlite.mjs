// Storage bound directly to an embedded SQLite: what a transaction costs without a service between.
import Database from 'better-sqlite3';

import { Refused, holds } from './memory.mjs';

export class SqliteStore {
  constructor(file, synchronous) {
    this.db = new Database(file);
    this.db.pragma('journal_mode = WAL');
    this.db.pragma(`synchronous = ${synchronous}`);
    this.db.exec(`
      CREATE TABLE IF NOT EXISTS value (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS entity (
        entity TEXT, key TEXT, version INTEGER, lane TEXT, due_at INTEGER, value TEXT NOT NULL,
        body TEXT, PRIMARY KEY (entity, key));
      CREATE INDEX IF NOT EXISTS due ON entity (lane, due_at);`);
    const sql = (text) => this.db.prepare(text);
    this.sql = {
      get: sql('SELECT value FROM value WHERE key = ?'),
      set: sql('INSERT OR REPLACE INTO value (key, value) VALUES (?, ?)'),
      delete: sql('DELETE FROM value WHERE key = ?'),
      entity: sql('SELECT value, body FROM entity WHERE entity = ? AND key = ?'),
      version: sql('SELECT version FROM entity WHERE entity = ? AND key = ?'),
      insert: sql('INSERT OR IGNORE INTO entity VALUES (?, ?, ?, ?, ?, ?, ?)'),
      update: sql(`UPDATE entity SET version = ?, lane = ?, due_at = ?, value = ?, body = ?
        WHERE entity = ? AND key = ? AND version = ?`),
      drop: sql('DELETE FROM entity WHERE entity = ? AND key = ?'),
    };
    this.writeAll = this.db.transaction((all) => this.write(all));
  }

  get({ entity, key }) {
    if (!entity) {
      const found = this.sql.get.get(key);
      return found && JSON.parse(found.value);
    }
    const found = this.sql.entity.get(entity, key);
    return found && { ...JSON.parse(found.value), body: found.body };
  }

  set({ key, value }) {
    this.sql.set.run(key, JSON.stringify(value));
  }

  delete({ key }) {
    this.sql.delete.run(key);
  }

  /** One statement is a transaction by itself. */
  transact(all) {
    if (all.set.length + all.delete.length + all.check.length === 1) this.write(all);
    else this.writeAll(all);
  }

  write({ set, delete: gone, check }) {
    for (const { entity, key, when } of check) {
      if (!holds(when, this.sql.version.get(entity, key)?.version)) throw new Refused(key);
    }
    for (const { entity, key, value, when } of set) {
      if (entity) this.writeEntity(entity, key, value, when);
      else this.set({ key, value });
    }
    for (const { entity, key } of gone) {
      if (entity) this.sql.drop.run(entity, key);
      else this.delete({ key });
    }
  }

  writeEntity(entity, key, { body = null, ...value }, when) {
    const { version = null, lane = null, due_at: due = null } = value;
    const text = JSON.stringify(value);
    const done = when?.version
      ? this.sql.update.run(version, lane, due, text, body, entity, key, when.version)
      : this.sql.insert.run(entity, key, version, lane, due, text, body);
    if (when && done.changes !== 1) throw new Refused(key);
  }

  /** Every run and where it stands. */
  runs() {
    const rows = this.db.prepare("SELECT key, value FROM entity WHERE entity = 'run'").all();
    return rows.map(({ key, value }) => ({ run: key, state: JSON.parse(value).state }));
  }

  close() {
    this.db.close();
  }
}
