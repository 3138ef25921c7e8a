/**
 * One invocation of a function: who asks, for what, under which limits, and what came of it. The
 * token it carries is how the proxy knows whose call it answers.
 */
import { randomBytes, randomUUID } from 'node:crypto';

const KB = 1024;
/** https://developer.atlassian.com/platform/forge/limits-invocation/ */
const REQUEST_LIMIT = 5 * KB * KB;
const RESPONSE_LIMIT = 5 * KB * KB;
const LOG_BYTES = 200 * KB;
const PER_MINUTE = 100;

/**
 * @typedef {object} Invocation
 * @property {string} id
 * @property {string} functionKey
 * @property {object} module         the manifest's module that invokes
 * @property {string} [accountId]    the user who acts, if one does
 * @property {string} chain          the invocation from which this one descends, for the push limit
 * @property {boolean} frontEnd      whether a page asked for it
 * @property {number} egressBudget
 */

export class Invocations {
  constructor({ manifest, site, clock, children, activity, journal, meter, variables = {} }) {
    Object.assign(this, { manifest, site, clock, children, activity, journal, meter });
    this.variables = Object.entries(variables).map(([key, value]) => ({
      key,
      value,
      secure: false,
    }));
    this.proxyUrl = undefined;
    /** @type {Map<string, Invocation>} by token */
    this.active = new Map();
    this.finished = () => {};
  }

  /** @returns {Invocation | undefined} */
  holding(token) {
    return this.active.get(token);
  }

  /**
   * Never rejects: failing is an outcome.
   * @param {{module: object, body: unknown, accountId?: string, chain?: string,
   *   contextToken?: string}} request
   * @returns {Promise<{success: boolean, body?: any,
   *   error?: {errorType: string, errorMessage: string}}>}
   */
  run(request) {
    return this.activity.during(() => this.perform(request));
  }

  async perform({ module, body, accountId, chain, contextToken }) {
    const func = this.manifest.functionOf(module);
    if (!func) return refused('NOT_FOUND', `${module.type} ${module.key} has no function`);
    const size = Buffer.byteLength(JSON.stringify(body ?? null));
    if (size > REQUEST_LIMIT) return refused('PAYLOAD_TOO_BIG', `request of ${size} bytes`);

    const limitMs = this.manifest.timeLimit(module);
    const minutes = Math.max(1, Math.ceil((func.timeoutSeconds ?? 60) / 60));
    const invocation = {
      id: randomUUID(),
      functionKey: func.key,
      module,
      accountId,
      frontEnd: contextToken !== undefined,
      egressBudget: PER_MINUTE * minutes,
      logLines: PER_MINUTE * minutes,
      logBytes: LOG_BYTES,
    };
    invocation.chain = chain ?? invocation.id;
    const token = randomBytes(24).toString('base64url');
    this.active.set(token, invocation);
    const outcome = await this.children.run(
      {
        id: invocation.id,
        event: this.event(invocation, { func, body, token, contextToken, limitMs }),
        clock: this.clock.state(),
        limitMs,
      },
      this.manifest.memory(func),
      (log) => this.hear(log),
    );
    this.active.delete(token);
    return this.conclude(invocation, outcome);
  }

  event(invocation, { func, body, token, contextToken, limitMs }) {
    const { site } = this;
    return {
      handler: func.handler,
      variables: this.variables,
      body,
      _meta: {
        proxy: { url: this.proxyUrl, token },
        contextAri: site.contextAri,
        aaid: invocation.accountId,
        timeout: limitMs / 1000,
        realtime: { contextToken },
        tracing: {
          traceId: randomBytes(16).toString('hex'),
          spanId: randomBytes(8).toString('hex'),
        },
        license: site.license,
        externalAuth: [],
        appContext: site.appContext({
          invocationId: invocation.id,
          functionKey: func.key,
          module: invocation.module,
        }),
      },
    };
  }

  conclude(invocation, { success, body, error, cpuMs = 0, wallMs, now }) {
    this.clock.reach(now);
    const { functionKey: name } = invocation;
    this.meter.add(`invocations.${name}.count`);
    this.meter.add(`invocations.${name}.cpu_ms`, cpuMs);
    this.meter.add(`invocations.${name}.wall_ms`, wallMs);
    if (!success) this.meter.add(`invocations.${name}.failed`);
    const size = body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body));
    const outcome =
      size > RESPONSE_LIMIT
        ? refused('RESPONSE_TOO_BIG', `response of ${size} bytes`)
        : { success, body, error };
    if (!outcome.success) {
      const { errorType, errorMessage, stack = [] } = outcome.error;
      this.journal.log({
        level: 'error',
        source: name,
        invocation: invocation.id,
        line: [`invocation failed: ${errorType}: ${errorMessage}`, ...stack.slice(1, 6)].join('\n'),
      });
    }
    this.finished({ ...invocation, ...outcome, cpuMs, wallMs });
    return outcome;
  }

  /** A console line, within the limits on logs; a line of no invocation is the process's own. */
  hear({ level, invocation: id, line }) {
    const invocation = id && [...this.active.values()].find((each) => each.id === id);
    const source = invocation?.functionKey ?? 'process';
    if (invocation && !this.spendLog(invocation, line)) return;
    this.journal.log({ level, source, invocation: id, line });
  }

  spendLog(invocation, line) {
    invocation.logLines -= 1;
    invocation.logBytes -= Buffer.byteLength(line);
    if (invocation.logLines >= 0 && invocation.logBytes >= 0) return true;
    if (!invocation.logsCut) {
      this.journal.complain(
        `${invocation.functionKey}: log limit reached, lines are dropped`,
        invocation.id,
      );
    }
    invocation.logsCut = true;
    return false;
  }
}

const refused = (errorType, errorMessage) => ({
  success: false,
  error: { errorType, errorMessage, stack: [] },
});
