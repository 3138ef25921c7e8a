/**
 * One simulated tool over HTTP: what happens to every request around its route. A request is
 * judged by the vendor's contract, struck by faults, authorised, answered in one transaction and
 * put on record.
 */
import { Hono } from 'hono';

import { after, before } from './faults.mjs';
import { Dropped, Refusal } from './reply.mjs';

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {URL} url
 * @property {Record<string, string>} params
 * @property {URLSearchParams} query
 * @property {Headers} headers
 * @property {string} text       the raw body
 * @property {any} body          the parsed body: JSON, or a form's fields
 * @property {string} actor      who asks, as `authenticate` found out
 */

/**
 * @typedef {object} Manners
 * @property {(call: Call) => string} authenticate   the actor, or throws a Refusal
 * @property {(status: number, headers?: Record<string, string>) => Refusal} refusal
 * @property {() => Refusal} unauthorized
 * @property {(problems: string[]) => Refusal} [invalid]  refuses what the contract does not allow
 * @property {(call: Call) => Promise<string[] | null>} [check]  what the contract says against it
 */

export class Tool {
  /**
   * @param {string} name
   * @param {import('./world.mjs').World} world
   * @param {Manners} manners
   */
  constructor(name, world, manners) {
    Object.assign(this, { name, world, manners });
    this.app = new Hono();
    this.app.notFound((c) => this.answer(c, null));
    // Hono would turn a broken connection into an answer; the caller must see it break.
    this.app.onError((error) => {
      throw error;
    });
  }

  /** @param {(call: Call) => import('./reply.mjs').Reply} route */
  on(method, path, route) {
    this.app.on(method, path, (c) => this.answer(c, route));
    return this;
  }

  get = (path, route) => this.on('GET', path, route);
  post = (path, route) => this.on('POST', path, route);
  put = (path, route) => this.on('PUT', path, route);
  patch = (path, route) => this.on('PATCH', path, route);
  delete = (path, route) => this.on('DELETE', path, route);

  async answer(c, route) {
    const { world, name } = this;
    const call = await read(c);
    const entry = { tool: name, method: call.method, path: call.path, at: world.now() };
    const fault = world.faults.strike({ ...entry, path: call.path + call.url.search });
    if (fault) entry.fault = fault.effect;
    try {
      const answer = await after(fault, await this.perform(call, route, fault, entry), world.clock);
      return respond(answer, entry);
    } catch (error) {
      return respond(this.refused(error, entry), entry);
    } finally {
      world.record(entry);
      // What cannot be handed over now stays in the outbox and is due again at once.
      world.deliver().catch(() => {});
    }
  }

  /** The answer to what could not be done; a mistake of the simulator is a 500 and a problem. */
  refused(error, entry) {
    if (error instanceof Dropped) {
      entry.dropped = true;
      throw error;
    }
    if (!(error instanceof Refusal)) entry.problem = `simulator: ${error.stack}`;
    else if (error.problem) entry.problem = error.problem;
    return (error instanceof Refusal ? error : this.manners.refusal(500)).reply;
  }

  async perform(call, route, fault, entry) {
    const { manners, world } = this;
    if (fault?.effect === 'meanwhile') world.act(fault.action, fault.input ?? {});
    before(fault, manners);
    const problems = route ? await manners.check?.(call) : ['this simulator has no such route'];
    if (problems?.length) entry.problem = problems.join('; ');
    if (!route) throw manners.refusal(404);
    call.actor = manners.authenticate(call);
    entry.actor = call.actor;
    if (problems?.length && manners.invalid) throw manners.invalid(problems);
    return world.state.transact(() => route(call));
  }
}

/** @returns {Promise<Call>} */
async function read(c) {
  const url = new URL(c.req.url);
  const text = await c.req.text();
  return {
    method: c.req.method,
    path: url.pathname,
    url,
    params: c.req.param(),
    query: url.searchParams,
    headers: c.req.raw.headers,
    text,
    body: parse(text, c.req.header('content-type') ?? ''),
    actor: '',
  };
}

function parse(text, type) {
  if (type.includes('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function respond({ status, body, headers }, entry) {
  entry.status = status;
  if (body === undefined) return new Response(null, { status, headers });
  if (typeof body === 'string') return new Response(body, { status, headers });
  return Response.json(body, { status, headers });
}

/** Reads `startAt`-like numbers of a query. */
export const number = (query, name, fallback) => {
  const value = Number.parseInt(query.get(name) ?? '', 10);
  return Number.isNaN(value) ? fallback : value;
};

/** Reads a list of a query, repeated or separated by commas. */
export const words = (query, name) =>
  query.getAll(name).join(',').split(',').map((word) => word.trim()).filter(Boolean);
