/**
 * Whether anything is going on. The platform is quiet when no work is under way and none is due;
 * tests wait for that instead of sleeping.
 */
export class Activity {
  /** @param {() => boolean} due whether work waits that could start now */
  constructor(due) {
    this.due = due;
    this.count = 0;
    this.waiting = [];
    /** Called at every quiet point. */
    this.onQuiet = () => {};
  }

  /** Counts `work` as going on until it settles. */
  async during(work) {
    this.count += 1;
    try {
      return await work();
    } finally {
      this.count -= 1;
      // Whatever the end of this work sets in motion shall start first.
      setImmediate(() => this.look());
    }
  }

  get quiet() {
    return this.count === 0 && !this.due();
  }

  look() {
    if (!this.quiet) return;
    this.onQuiet();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves at the next quiet point. */
  settle() {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      setImmediate(() => this.look());
    });
  }
}
