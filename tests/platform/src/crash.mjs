/**
 * The places where a crash would hurt: each write, just before it and just after it. With a number,
 * the platform kills itself at the n-th of them, as a machine does: nothing is tidied up.
 */
export class Boundaries {
  /** @param {number | undefined} crashAt counted from 1 */
  constructor(crashAt) {
    this.crashAt = crashAt;
    /** @type {string[]} */
    this.passed = [];
  }

  pass(name) {
    this.passed.push(name);
    if (this.passed.length === this.crashAt) process.kill(process.pid, 'SIGKILL');
  }

  /** Runs `write` between its two boundaries. */
  around(name, write) {
    this.pass(`before ${name}`);
    const done = write();
    if (typeof done?.then === 'function') {
      return done.then((value) => {
        this.pass(`after ${name}`);
        return value;
      });
    }
    this.pass(`after ${name}`);
    return done;
  }
}
