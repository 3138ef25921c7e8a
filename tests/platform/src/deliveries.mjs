/**
 * Everything the platform still owes the app: queue events, product events, scheduled ticks,
 * webhooks. A row stays until its function has taken it, so a killed platform delivers again: at
 * least once, in no promised order.
 */
import { createHash } from 'node:crypto';

const COLUMNS =
  'id, kind, module, job, event, due_at, created_at, attempt, retry, lock_key, lock_limit, chain';

export class Deliveries {
  /**
   * @param {object} parts
   * @param {number} [parts.most] deliveries under way at once
   * @param {{reorder?: boolean, duplicates?: number, seed?: string}} [parts.chaos]
   */
  constructor({ store, clock, activity, most = 8, chaos = {} }) {
    Object.assign(this, { store, clock, activity, most });
    this.chaos = { reorder: false, duplicates: 0, seed: '1', ...chaos };
    /** What to do with each kind; filled in by those who insert it. */
    this.handlers = {};
    this.running = new Map();
    this.started = 0;
    /** Called when all that could start has started. */
    this.pumped = () => {};
    this.stopped = false;
    store.declare(`
      CREATE TABLE IF NOT EXISTS delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, module TEXT NOT NULL, job TEXT,
        event TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, retry TEXT,
        lock_key TEXT, lock_limit INTEGER, chain TEXT, place TEXT, outcome TEXT);
      CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
      CREATE INDEX IF NOT EXISTS delivery_job ON delivery (job)`);
  }

  /** What was under way when the last process died has failed; its kind says what follows. */
  recover() {
    const lost = {
      success: false,
      error: {
        errorType: 'FUNCTION_PLATFORM_UNKNOWN_ERROR',
        errorMessage: 'the platform was killed',
      },
    };
    for (const row of this.store.all(`SELECT ${COLUMNS} FROM delivery WHERE state = 'running'`)) {
      this.conclude(parsed(row), lost);
    }
  }

  /** @returns {number} its id */
  add({ kind, module, job, event, dueAt, lock, chain }) {
    const now = this.clock.now();
    const { lastInsertRowid: id } = this.store.run(
      `INSERT INTO delivery
         (kind, module, job, event, due_at, created_at, lock_key, lock_limit, chain)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      kind,
      module,
      job,
      JSON.stringify(event),
      dueAt ?? now,
      now,
      lock?.key,
      lock?.limit,
      chain,
    );
    this.store.run('UPDATE delivery SET place = ? WHERE id = ?', this.chance(`place ${id}`), id);
    this.wake();
    return Number(id);
  }

  /** A number that looks random and is the same for the same seed, as 13 hexadecimal digits. */
  chance(what) {
    return createHash('sha256').update(`${this.chaos.seed} ${what}`).digest('hex').slice(0, 13);
  }

  happens(what, probability) {
    return Number.parseInt(this.chance(what), 16) / 16 ** 13 < probability;
  }

  /** When the next one wants to leave; now, if one is ready. */
  dueAt() {
    const row = this.store.get(`SELECT min(due_at) AS at FROM delivery WHERE state = 'waiting'`);
    return row?.at ?? null;
  }

  get ready() {
    return this.candidates(1).length > 0;
  }

  /** Waiting rows whose time has come and whose concurrency key has room. */
  candidates(most) {
    const order = this.chaos.reorder ? 'place' : 'due_at, id';
    return this.store
      .all(
        `SELECT ${COLUMNS} FROM delivery d WHERE state = 'waiting' AND due_at <= ?
         AND (lock_key IS NULL OR lock_limit > (SELECT count(*) FROM delivery r
              WHERE r.state = 'running' AND r.lock_key = d.lock_key))
       ORDER BY ${order} LIMIT ?`,
        this.clock.now(),
        most,
      )
      .map(parsed);
  }

  /** Starts what can start, soon. */
  wake() {
    if (this.waking || this.stopped) return;
    this.waking = true;
    setImmediate(() => {
      this.waking = false;
      this.pump();
    });
  }

  pump() {
    while (!this.stopped && this.running.size < this.most) {
      const [row] = this.candidates(1);
      if (!row) break;
      this.start(row);
    }
    this.pumped();
  }

  start(row) {
    this.started += 1;
    this.store.run(`UPDATE delivery SET state = 'running' WHERE id = ?`, row.id);
    this.running.set(row.id, row);
    this.activity.during(async () => {
      const outcome = await this.handlers[row.kind].deliver(row);
      if (this.stopped) return;
      this.running.delete(row.id);
      this.conclude(row, outcome);
      this.wake();
    });
  }

  /** Done, or once more as its kind wants it. */
  conclude(row, outcome) {
    const again = this.handlers[row.kind].again(row, outcome);
    if (again) {
      this.store.run(
        `UPDATE delivery SET state = 'waiting', attempt = attempt + 1, due_at = ?, retry = ?
         WHERE id = ?`,
        this.clock.now() + again.afterMs,
        JSON.stringify(again.retry ?? null),
        row.id,
      );
      return;
    }
    const { success, error } = outcome;
    this.store.run(
      'UPDATE delivery SET state = ?, outcome = ? WHERE id = ?',
      success ? 'done' : 'failed',
      JSON.stringify({ success, error }),
      row.id,
    );
  }

  /** The latest, for people to look at. */
  list({ kind, limit = 200 } = {}) {
    return this.store
      .all(
        `SELECT id, kind, module, job, state, due_at, created_at, attempt, lock_key, event, outcome
       FROM delivery WHERE (? IS NULL OR kind = ?) ORDER BY id DESC LIMIT ?`,
        kind,
        kind,
        limit,
      )
      .map(({ _metadata, event, outcome, ...row }) => ({
        ...row,
        event: JSON.parse(event),
        outcome: outcome && JSON.parse(outcome),
      }));
  }

  stop() {
    this.stopped = true;
  }
}

const parsed = (row) => ({
  ...row,
  event: JSON.parse(row.event),
  retry: row.retry ? JSON.parse(row.retry) : null,
});
