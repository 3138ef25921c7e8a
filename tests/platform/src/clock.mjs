/**
 * The platform's clock. It starts where the seeded world starts and can be moved forward, so that
 * days pass in milliseconds; it is kept on disk and never goes back.
 *
 * A live clock runs with the machine's. A frozen clock stands still and moves in two ways only: by
 * `moveTo`, and when an invocation has really slept, by as much as it slept (`reach`).
 */
export const START = '2026-03-10T09:00:00Z';

export class Clock {
  /**
   * @param {import('./store.mjs').Store} store
   * @param {{frozen?: boolean, start?: string}} [options]
   */
  constructor(store, { frozen = false, start = START } = {}) {
    const first = Date.parse(start);
    if (Number.isNaN(first)) throw new TypeError(`not a time: ${start}`);
    const saved = store.meta('clock') ?? { frozen, now: first, offset: first - Date.now() };
    const last = saved.frozen ? saved.now : Date.now() + saved.offset;
    this.store = store;
    this.frozen = frozen;
    this.set(last);
    this.listeners = new Set();
  }

  /** @returns {number} milliseconds since 1970 */
  now() {
    return this.frozen ? this.standing : Date.now() + this.offset;
  }

  iso() {
    return new Date(this.now()).toISOString();
  }

  /** Moves forward to `time`; a time that has passed changes nothing. */
  moveTo(time) {
    if (time <= this.now()) return;
    this.set(Math.round(time));
    for (const listener of this.listeners) listener(this);
  }

  /** An invocation has lived until `time`. Only a frozen clock can be behind. */
  reach(time) {
    if (this.frozen && Number.isFinite(time)) this.moveTo(time);
  }

  /** Waits on the machine's clock if this one runs with it; a frozen one jumps. */
  sleep(ms) {
    if (!this.frozen) return new Promise((resolve) => setTimeout(resolve, ms));
    this.moveTo(this.now() + ms);
    return Promise.resolve();
  }

  /** How a child process and the page follow this clock. */
  state() {
    return this.frozen
      ? { frozen: true, now: this.standing }
      : { frozen: false, offset: this.offset };
  }

  set(now) {
    this.standing = now;
    this.offset = now - Date.now();
    this.store.setMeta('clock', { frozen: this.frozen, now, offset: this.offset });
  }
}
