/**
 * Async events: what may be pushed, how a consumer is called, and when it is called again.
 * https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/
 */
const KB = 1024;
const MINUTE = 60_000;
/** https://developer.atlassian.com/platform/forge/limits-async-events/ */
const LIMITS = {
  events: 50,
  bytes: 200 * KB,
  longBytes: 100 * KB,
  perMinute: 500,
  pushes: 1000,
  retryAfter: 900,
  retryData: 4 * KB,
  window: 24 * 60 * MINUTE,
};
const LONG_MS = 55_000;

export class Queue {
  constructor({ store, clock, manifest, deliveries, invocations, rates, meter, journal }) {
    Object.assign(this, { store, clock, manifest, deliveries, invocations, rates, meter, journal });
    this.consumers = new Map(manifest.ofType('consumer').map((each) => [each.queue, each]));
    store.declare(
      'CREATE TABLE IF NOT EXISTS chain (id TEXT PRIMARY KEY, pushes INTEGER NOT NULL)',
    );
    deliveries.handlers.consumer = this;
  }

  /**
   * @param {{queueName: string, jobId: string, payload: object[]}} push
   * @param {string} chain the invocation this push descends from
   * @returns {{status: number, body?: object}}
   */
  push({ queueName, jobId, payload }, chain) {
    const consumer = this.consumers.get(queueName);
    if (!consumer) return refuse(404, `no consumer for queue ${queueName}`);
    const refusal = this.refusal(consumer, payload);
    if (refusal) return refusal;
    if (this.pushes(chain) >= LIMITS.pushes) return refuse(405, 'cyclic invocation limit reached');
    if (!this.rates.take('queue events', LIMITS.perMinute, MINUTE, payload.length)) {
      return refuse(429, 'too many events in this minute');
    }
    this.store.transact(() => {
      this.store.run(
        `INSERT INTO chain (id, pushes) VALUES (?, 1)
        ON CONFLICT (id) DO UPDATE SET pushes = pushes + 1`,
        chain,
      );
      payload.forEach((event, index) => this.enqueue(consumer, { jobId, event, index, chain }));
    });
    this.meter.add('queue.pushes');
    this.meter.add('queue.events', payload.length);
    return { status: 201 };
  }

  refusal(consumer, payload) {
    if (!Array.isArray(payload) || payload.length === 0) return refuse(400, 'no events');
    if (payload.length > LIMITS.events) return refuse(413, `more than ${LIMITS.events} events`);
    const sizes = payload.map((event) => Buffer.byteLength(JSON.stringify(event)));
    if (sizes.reduce((a, b) => a + b, 0) > LIMITS.bytes) return refuse(413, 'push over 200 KB');
    const long = this.manifest.timeLimit(consumer) > LONG_MS;
    if (long && sizes.some((size) => size > LIMITS.longBytes)) {
      return refuse(413, 'an event for a long-running consumer is limited to 100 KB');
    }
    const odd = payload.find(({ delayInSeconds: delay = 0 }) => delay < 0 || delay > 900);
    return odd && refuse(400, 'delayInSeconds must be within 0 and 900');
  }

  enqueue(consumer, { jobId, event, index, chain }) {
    const { body, delayInSeconds = 0, concurrency } = event;
    const delivery = {
      kind: 'consumer',
      module: consumer.key,
      job: jobId,
      event: {
        body,
        jobId,
        eventId: `${jobId}-${index}`,
        queueName: consumer.queue,
        ...(delayInSeconds > 0 && { delayInSeconds }),
        ...(concurrency && { concurrency }),
      },
      dueAt: this.clock.now() + delayInSeconds * 1000,
      lock: concurrency,
      chain,
    };
    const id = this.deliveries.add(delivery);
    if (this.deliveries.happens(`duplicate ${id}`, this.deliveries.chaos.duplicates)) {
      this.deliveries.add(delivery);
    }
  }

  pushes(chain) {
    return this.store.get('SELECT pushes FROM chain WHERE id = ?', chain)?.pushes ?? 0;
  }

  /** @returns {{success: number, inProgress: number, failed: number} | undefined} */
  stats(job) {
    const rows = this.store.all(
      'SELECT state, count(*) AS count FROM delivery WHERE job = ? GROUP BY state',
      job,
    );
    if (rows.length === 0) return undefined;
    const count = (...states) =>
      rows.filter(({ state }) => states.includes(state)).reduce((sum, row) => sum + row.count, 0);
    return {
      success: count('done'),
      inProgress: count('waiting', 'running'),
      failed: count('failed', 'cancelled'),
    };
  }

  /** Only what has not started can be cancelled. */
  cancel(job) {
    if (!this.stats(job)) return false;
    this.store.run(
      `UPDATE delivery SET state = 'cancelled' WHERE job = ? AND state = 'waiting'`,
      job,
    );
    return true;
  }

  deliver({ module, event, attempt, retry, created_at: startTime, chain }) {
    const remainingTimeMs = Math.max(0, startTime + LIMITS.window - this.clock.now());
    const retryContext = {
      retryCount: attempt,
      ...retry,
      retentionWindow: { startTime, remainingTimeMs },
    };
    return this.invocations.run({
      module: this.manifest.module(module),
      body: attempt === 0 ? event : { ...event, retryContext },
      chain,
    });
  }

  /** Asked for, or after a failure with growing gaps; until the window ends, then dropped. */
  again({ attempt, created_at: startTime, module }, { success, body, error }) {
    const wish = success && body?._retry === true && (body.retryOptions ?? {});
    if (success && !wish) return undefined;
    const afterMs = wish ? wanted(wish) : backoff(attempt);
    if (this.clock.now() + afterMs > startTime + LIMITS.window) {
      this.journal.complain(`${module}: an event was dropped at the end of its retention window`);
      return undefined;
    }
    const retryReason = wish ? (wish.retryReason ?? 'FUNCTION_RETRY_REQUEST') : reason(error);
    return {
      afterMs,
      retry: { retryReason, retryData: wish ? this.data(wish, module) : undefined },
    };
  }

  data({ retryData }, module) {
    if (
      retryData === undefined ||
      Buffer.byteLength(JSON.stringify(retryData)) <= LIMITS.retryData
    ) {
      return retryData;
    }
    this.journal.complain(`${module}: retryData over 4 KB is lost`);
    return undefined;
  }
}

const refuse = (status, errorMessage) => ({ status, body: { errorMessage } });
const wanted = ({ retryAfter = 1 }) => 1000 * Math.min(LIMITS.retryAfter, Math.max(1, retryAfter));
/** 5 s, 10 s, 20 s … up to the 15 minutes the documentation speaks of. */
export const backoff = (attempt) => 1000 * Math.min(900, 5 * 2 ** attempt);
const reason = ({ errorType }) =>
  errorType?.startsWith('FUNCTION_') ? errorType : 'FUNCTION_PLATFORM_UNKNOWN_ERROR';
