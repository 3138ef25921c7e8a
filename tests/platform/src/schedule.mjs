/**
 * Scheduled triggers on the platform's clock. A tick is never retried; one missed while the
 * platform was down is missed for good.
 * https://developer.atlassian.com/platform/forge/manifest-reference/modules/scheduled-trigger/
 */
const MINUTE = 60_000;
const INTERVALS = {
  fiveMinute: 5 * MINUTE,
  hour: 60 * MINUTE,
  day: 24 * 60 * MINUTE,
  week: 7 * 24 * 60 * MINUTE,
};

export class Schedule {
  constructor({ store, clock, manifest, site, deliveries, invocations }) {
    Object.assign(this, { store, clock, manifest, site, deliveries, invocations });
    deliveries.handlers.scheduled = this;
    store.declare(
      'CREATE TABLE IF NOT EXISTS tick (module TEXT PRIMARY KEY, next_at INTEGER NOT NULL)',
    );
    for (const { key, interval } of manifest.ofType('scheduledTrigger')) {
      if (!INTERVALS[interval]) throw new Error(`scheduledTrigger ${key}: no interval ${interval}`);
      store.run(
        'INSERT OR IGNORE INTO tick (module, next_at) VALUES (?, ?)',
        key,
        clock.now() + INTERVALS[interval],
      );
    }
  }

  dueAt() {
    return this.store.get('SELECT min(next_at) AS at FROM tick')?.at ?? null;
  }

  /** Sends the ticks that are due on their way. */
  run() {
    const now = this.clock.now();
    for (const { module, next_at: at } of this.store.all(
      'SELECT * FROM tick WHERE next_at <= ?',
      now,
    )) {
      const every = INTERVALS[this.manifest.module(module)?.interval];
      if (!every) {
        this.store.run('DELETE FROM tick WHERE module = ?', module);
        continue;
      }
      const missed = Math.floor((now - at) / every);
      this.store.transact(() => {
        this.store.run(
          'UPDATE tick SET next_at = ? WHERE module = ?',
          at + (missed + 1) * every,
          module,
        );
        this.deliveries.add({ kind: 'scheduled', module, event: {} });
      });
    }
  }

  deliver({ module }) {
    const context = { cloudId: this.site.cloudId, moduleKey: module };
    return this.invocations.run({ module: this.manifest.module(module), body: { context } });
  }

  again() {
    return undefined;
  }
}
