/**
 * The processes functions run in: warm, one invocation at a time each, one more whenever all are
 * busy. A process that dies or exceeds its time takes its invocation with it.
 */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LOADER = fileURLToPath(new URL('./runtime/loader.cjs', import.meta.url));

export class Children {
  /**
   * @param {object} options
   * @param {string} options.codeDirectory
   * @param {number} [options.most]      processes at once; more invocations wait
   * @param {number} [options.perChild]  invocations at once in one process; Forge has one
   * @param {string[]} [options.nodeFlags]  more flags for the processes' node
   */
  constructor({ codeDirectory, most = 32, perChild = 1, nodeFlags = [] }) {
    Object.assign(this, { codeDirectory, most, perChild, nodeFlags });
    this.children = new Set();
    this.waiting = [];
    this.closed = false;
  }

  /**
   * Runs one invocation to its end, whatever that is; never rejects.
   * @param {{id: string, event: object, clock: object, limitMs: number}} task
   * @param {number} memoryMB
   * @param {(log: {level: string, invocation?: string, line: string}) => void} onLog
   */
  run(task, memoryMB, onLog) {
    return new Promise((resolve) => {
      this.waiting.push({ task, memoryMB, onLog, resolve });
      this.serve();
    });
  }

  serve() {
    while (this.waiting.length > 0 && !this.closed) {
      const child = this.idle(this.waiting[0].memoryMB);
      if (!child) return;
      this.start(child, this.waiting.shift());
    }
  }

  idle(memoryMB) {
    const fits = (child) => child.memoryMB === memoryMB && child.tasks.size < this.perChild;
    const found = [...this.children].find(fits);
    if (found) return found;
    if (this.children.size >= this.most && !this.dismissOne()) return undefined;
    return this.spawn(memoryMB);
  }

  /** Makes room by ending an idle process of another size. */
  dismissOne() {
    const idle = [...this.children].find((child) => child.tasks.size === 0);
    if (idle) this.kill(idle);
    return Boolean(idle);
  }

  spawn(memoryMB) {
    const process = fork(LOADER, [this.codeDirectory], {
      execArgv: [...this.nodeFlags, `--max-old-space-size=${memoryMB}`],
      cwd: this.codeDirectory,
      env: { TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const child = { process, memoryMB, tasks: new Map(), lastWords: '', onLog: () => {} };
    process.on('message', (message) => this.hear(child, message));
    process.on('error', (error) => this.bury(child, error.message));
    process.on('close', (code, signal) => this.bury(child, signal ?? `exit ${code}`));
    for (const [stream, level] of [
      ['stdout', 'info'],
      ['stderr', 'error'],
    ]) {
      createInterface({ input: process[stream] }).on('line', (line) => {
        child.lastWords = `${child.lastWords}${line}\n`.slice(-4096);
        child.onLog({ level, line });
      });
    }
    this.children.add(child);
    return child;
  }

  start(child, { task, onLog, resolve }) {
    const limit = setTimeout(() => this.expire(child, task), task.limitMs);
    child.tasks.set(task.id, { resolve, limit, started: performance.now() });
    child.onLog = onLog;
    child.process.send(task, () => {});
  }

  hear(child, { log, id, result, ...used }) {
    if (log) child.onLog(log);
    else this.finish(child, id, { ...result, ...used });
    this.serve();
  }

  finish(child, id, outcome) {
    const task = child.tasks.get(id);
    if (!task) return;
    child.tasks.delete(id);
    clearTimeout(task.limit);
    task.resolve({ ...outcome, wallMs: performance.now() - task.started });
  }

  /** What is still running in the process would go on for ever; Forge stops it too. */
  expire(child, task) {
    this.finish(
      child,
      task.id,
      failure('FUNCTION_TIME_OUT', `Function timed out. Limit of ${task.limitMs / 1000} seconds`),
    );
    this.kill(child);
    this.serve();
  }

  kill(child) {
    this.children.delete(child);
    child.process.kill('SIGKILL');
  }

  bury(child, cause) {
    this.children.delete(child);
    const error = /heap out of memory/i.test(child.lastWords)
      ? failure('FUNCTION_OUT_OF_MEMORY', `The function ran out of its ${child.memoryMB} MB`)
      : failure('FUNCTION_PLATFORM_UNKNOWN_ERROR', `The function's process ended: ${cause}`);
    for (const id of [...child.tasks.keys()]) this.finish(child, id, error);
    this.serve();
  }

  /** Ends all of them. */
  async close() {
    this.closed = true;
    const ends = [...this.children].map(
      (child) =>
        new Promise((resolve) => {
          child.process.once('close', resolve);
          this.kill(child);
        }),
    );
    await Promise.all(ends);
  }
}

const failure = (errorType, errorMessage) => ({
  success: false,
  error: { errorType, errorMessage, stack: [] },
});
