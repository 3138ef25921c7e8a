/**
 * Everything the simulated tools know lives in one SQLite table, so that a killed process loses
 * nothing it has answered for.
 */

export class State {
  /** @param {import('libsql').Database} db */
  constructor(db) {
    db.exec(`CREATE TABLE IF NOT EXISTS tool_object (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      collection TEXT NOT NULL,
      id TEXT NOT NULL,
      value TEXT NOT NULL,
      UNIQUE (collection, id))`);
    this.db = db;
    this.statements = {
      get: db.prepare('SELECT value FROM tool_object WHERE collection = ? AND id = ?'),
      put: db.prepare(`INSERT INTO tool_object (collection, id, value) VALUES (?, ?, ?)
        ON CONFLICT (collection, id) DO UPDATE SET value = excluded.value`),
      delete: db.prepare('DELETE FROM tool_object WHERE collection = ? AND id = ?'),
      list: db.prepare('SELECT value FROM tool_object WHERE collection = ? ORDER BY seq'),
      clear: db.prepare('DELETE FROM tool_object WHERE collection = ?'),
      wipe: db.prepare('DELETE FROM tool_object'),
    };
  }

  /** The objects of one kind, in the order they were made. */
  collection(name) {
    const { statements } = this;
    return {
      get: (id) => parsed(statements.get.get(name, String(id))),
      put: (id, value) => {
        statements.put.run(name, String(id), JSON.stringify(value));
        return value;
      },
      delete: (id) => statements.delete.run(name, String(id)).changes > 0,
      list: (keep = () => true) => statements.list.all(name).map(parsed).filter(keep),
      clear: () => statements.clear.run(name),
      next: (first = 1) => this.next(name, first),
    };
  }

  /** The next number of a counter. It never gives a number twice, whatever was deleted. */
  next(counter, first = 1) {
    const last = parsed(this.statements.get.get('counter', counter));
    const number = last === undefined ? first : last + 1;
    this.statements.put.run('counter', counter, JSON.stringify(number));
    return number;
  }

  /** Counts a counter on, as if it had given all numbers up to `last`. */
  skip(counter, last) {
    this.statements.put.run('counter', counter, JSON.stringify(last));
  }

  /** Does all of `work` or nothing of it. `work` must not wait for anything. */
  transact(work) {
    return this.db.inTransaction ? work() : this.db.transaction(work)();
  }

  /** Forgets everything. */
  wipe() {
    this.statements.wipe.run();
  }
}

const parsed = (row) => (row === undefined ? undefined : JSON.parse(row.value));
