/**
 * What the app would be billed or throttled for: counted by name, kept on disk.
 */
export const UNIT = 10 * 1024;

/** Storage is billed in 10-KB steps, https://developer.atlassian.com/platform/forge/10kbsizing/ */
export const units = (bytes) => Math.max(1, Math.ceil(bytes / UNIT));

export class Meter {
  /** @param {import('./store.mjs').Store} store */
  constructor(store) {
    this.store = store;
    store.declare('CREATE TABLE IF NOT EXISTS meter (name TEXT PRIMARY KEY, amount REAL NOT NULL)');
  }

  add(name, amount = 1) {
    this.store.run(
      `INSERT INTO meter (name, amount) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET amount = amount + excluded.amount`,
      name,
      amount,
    );
  }

  /** @returns {object} nested by the dots of the names */
  read() {
    const tree = {};
    for (const { name, amount } of this.store.all('SELECT name, amount FROM meter ORDER BY name')) {
      const path = name.split('.');
      const leaf = path.pop();
      const node = path.reduce((at, step) => (at[step] ??= {}), tree);
      node[leaf] = Math.round(amount * 1000) / 1000;
    }
    return tree;
  }

  reset() {
    this.store.run('DELETE FROM meter');
  }
}
