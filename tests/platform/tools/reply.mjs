/**
 * What a simulated route answers: a status, a body and headers, before any HTTP framework sees it,
 * so that one route can also answer inside another (Salesforce's Composite).
 */

/**
 * @typedef {{status: number, body?: unknown, headers: Record<string, string>}} Reply
 */

/** @returns {Reply} */
export const reply = (status, body, headers = {}) => ({ status, body, headers });
export const ok = (body, headers) => reply(200, body, headers);
export const created = (body, headers) => reply(201, body, headers);
export const noContent = (headers) => reply(204, undefined, headers);

/**
 * Thrown by a route that refuses a request; whatever the route had written is taken back.
 * `problem` is set where the request broke a contract and not just a rule of the moment.
 */
export class Refusal extends Error {
  constructor(status, body, headers = {}, problem = undefined) {
    super(`refused with ${status}`);
    this.name = 'Refusal';
    this.reply = reply(status, body, headers);
    this.problem = problem;
  }

  /** The same refusal, to be put on record as a breach of contract. */
  because(problem) {
    const { status, body, headers } = this.reply;
    return new Refusal(status, body, headers, problem);
  }
}

/** The connection breaks: the caller never learns what happened. */
export class Dropped extends Error {
  constructor(message) {
    super(message);
    this.name = 'Dropped';
    this.code = 'ECONNRESET';
  }
}
