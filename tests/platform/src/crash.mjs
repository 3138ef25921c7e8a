/**
 * The places where a crash would hurt: each write, just before it and just after it. The platform
 * kills itself at one of them if it is told to, as a machine does: nothing is tidied up.
 */
export class Boundaries {
  /** @param {number | string} [crashAt] the n-th, counted from 1; or `name #n`, the n-th of a name */
  constructor(crashAt) {
    this.crashAt = crashAt;
    /** @type {string[]} */
    this.passed = [];
  }

  pass(name) {
    this.passed.push(name);
    const { crashAt } = this;
    if (crashAt === undefined) return;
    const count = this.passed.filter((each) => each === name).length;
    if (crashAt === this.passed.length || crashAt === `${name} #${count}`) {
      process.kill(process.pid, 'SIGKILL');
    }
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
