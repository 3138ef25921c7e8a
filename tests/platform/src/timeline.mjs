/**
 * What comes next on the clock, and the way there: every due thing at its own moment, each settled
 * before the next.
 */
/** A timer of the machine cannot wait longer. */
const LONGEST = 2 ** 31 - 1;

export class Timeline {
  /**
   * @param {{clock: object, activity: object, journal: object, deliveries: object,
   *   schedule: object, world: {dueAt(): number | null, run(): Promise<void> | void}}} parts
   */
  constructor({ clock, activity, journal, deliveries, schedule, world }) {
    Object.assign(this, { clock, activity, journal, deliveries, schedule, world });
    clock.listeners.add(() => this.catchUp());
    deliveries.pumped = () => this.arm();
  }

  /** The next moment at which something happens by itself; `ticks` counts scheduled triggers in. */
  next({ ticks = true } = {}) {
    const times = [
      this.deliveries.dueAt(),
      this.world.dueAt(),
      ticks ? this.schedule.dueAt() : null,
    ].filter((time) => time !== null);
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** Whether something could start now. */
  get due() {
    const now = this.clock.now();
    const passed = (at) => at !== null && at <= now;
    return this.deliveries.ready || passed(this.schedule.dueAt()) || passed(this.world.dueAt());
  }

  /** Starts what is due, and on a live clock arranges for the next. */
  catchUp() {
    if (this.stopped) return;
    const now = this.clock.now();
    if ((this.schedule.dueAt() ?? Infinity) <= now) this.schedule.run();
    if ((this.world.dueAt() ?? Infinity) <= now) this.activity.during(() => this.runWorld());
    this.deliveries.wake();
    this.arm();
  }

  async runWorld() {
    try {
      await this.world.run();
    } catch (error) {
      this.journal.complain(`the world could not change by itself: ${error.stack}`);
    }
  }

  arm() {
    clearTimeout(this.timer);
    const next = this.clock.frozen ? null : this.next();
    if (next === null) return;
    const delay = Math.min(LONGEST, Math.max(1, next - this.clock.now()));
    this.timer = setTimeout(() => this.catchUp(), delay);
  }

  /** @returns {Promise<{now: number, ran: number}>} */
  async advanceTo(target) {
    const before = this.deliveries.started;
    await this.activity.settle();
    for (let next = this.next(); next !== null && next <= target; next = this.next()) {
      if (next <= this.clock.now()) break;
      this.clock.moveTo(next);
      await this.activity.settle();
    }
    this.clock.moveTo(target);
    await this.activity.settle();
    return { now: this.clock.now(), ran: this.deliveries.started - before };
  }

  async advanceToNext() {
    await this.activity.settle();
    const next = this.next();
    return next === null ? { now: this.clock.now(), ran: 0 } : this.advanceTo(next);
  }

  /** Goes from timer to timer until only scheduled triggers remain. */
  async runUntilQuiet(limitMs) {
    const before = this.deliveries.started;
    const end = this.clock.now() + limitMs;
    await this.activity.settle();
    let next = this.next({ ticks: false });
    while (next !== null && next <= end) {
      await this.advanceTo(next);
      next = this.next({ ticks: false });
    }
    return { now: this.clock.now(), ran: this.deliveries.started - before, quiet: next === null };
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
