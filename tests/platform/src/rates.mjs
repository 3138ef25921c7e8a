/**
 * Limits of the form "so many per window", counted in fixed windows of the platform's clock.
 */
export class Rates {
  /**
   * @param {import('./clock.mjs').Clock} clock
   * @param {boolean} enforced  off for load tests: a frozen clock makes every rate infinite
   */
  constructor(clock, enforced = true) {
    this.clock = clock;
    this.enforced = enforced;
    this.windows = new Map();
  }

  /** Takes `amount` from the budget; false if the window has no more. */
  take(name, limit, windowMs, amount = 1) {
    const start = Math.floor(this.clock.now() / windowMs);
    const window = this.windows.get(name);
    const used = window?.start === start ? window.used : 0;
    if (this.enforced && used + amount > limit) return false;
    this.windows.set(name, { start, used: used + amount });
    return true;
  }
}
