/**
 * What happened, for people and tests to read: console lines of the app, complaints of the
 * platform, calls to products and to the outside.
 */
export class Journal {
  /**
   * @param {import('./store.mjs').Store} store
   * @param {import('./clock.mjs').Clock} clock
   * @param {(line: string) => void} loudly where complaints also go
   */
  constructor(store, clock, loudly) {
    Object.assign(this, { store, clock, loudly });
    store.declare(`
      CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER, level TEXT, source TEXT,
        invocation TEXT, line TEXT);
      CREATE TABLE IF NOT EXISTS call (seq INTEGER PRIMARY KEY, value TEXT NOT NULL)`);
  }

  log({ level, source, invocation, line }) {
    this.store.run(
      'INSERT INTO log (at, level, source, invocation, line) VALUES (?, ?, ?, ?, ?)',
      this.clock.now(),
      level,
      source,
      invocation,
      line,
    );
  }

  /** The app did what Forge would refuse or does not have. It must not go unseen. */
  complain(line, invocation) {
    this.log({ level: 'error', source: 'platform', invocation, line });
    this.loudly(line);
  }

  logs({ after = 0, level } = {}) {
    return this.store
      .all('SELECT * FROM log WHERE seq > ? ORDER BY seq', after)
      .filter((entry) => !level || entry.level === level)
      .map(({ seq, at, level: of, source, invocation, line }) => ({
        seq,
        at,
        level: of,
        source,
        invocation,
        line,
      }));
  }

  call(entry) {
    this.store.run(
      'INSERT INTO call (value) VALUES (?)',
      JSON.stringify({ at: this.clock.now(), ...entry }),
    );
  }

  calls() {
    return this.store
      .all('SELECT seq, value FROM call ORDER BY seq')
      .map(({ seq, value }) => ({ seq, ...JSON.parse(value) }));
  }
}
