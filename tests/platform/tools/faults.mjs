/**
 * Faults on request: the failures that tests and people inject into a tool, kept with the rest of
 * the state so that a restart does not heal anything.
 */
import { Refusal, Dropped, reply } from './reply.mjs';

/**
 * @typedef {object} Fault
 * @property {string} tool
 * @property {string} [method]
 * @property {string} [path]   a regular expression over the path with its query
 * @property {number | null} [times]  how often it strikes; null until it is cleared
 * @property {string} effect   one of EFFECTS
 * @property {number} [status]
 * @property {unknown} [body]
 * @property {number} [retry_after]  seconds, for `status`
 * @property {string} [at]     JSON pointer to the text, or the list, that goes on and on, for `large`
 * @property {number} [bytes]  until it has so many
 * @property {number} [ms]     virtual milliseconds, for `slow`
 * @property {string} [action] what somebody does just before the request, for `meanwhile`; see
 *   `actions.mjs`
 * @property {object} [input]  how
 */

/** Whether the tool has already done what was asked when the fault strikes. */
const AFTER = new Set(['drop_after', 'malformed', 'large', 'slow']);
const EFFECTS = new Set([
  ...AFTER, 'drop_before', 'status', 'html', 'unauthorized', 'meanwhile',
]);

export class Faults {
  constructor(state) {
    this.state = state;
    this.faults = state.collection('fault');
  }

  /** @returns {(Fault & {id: string, hits: number})[]} */
  list() {
    return this.faults.list();
  }

  /** @param {Fault} fault */
  add(fault) {
    if (!EFFECTS.has(fault.effect)) throw new TypeError(`no fault effect ${fault.effect}`);
    if (!fault.tool) throw new TypeError('a fault names its tool');
    if (fault.path) new RegExp(fault.path);
    const id = `f${this.state.next('fault')}`;
    return this.faults.put(id, { times: 1, ...fault, id, hits: 0 });
  }

  /** Removes one fault, all of one tool, or all. */
  clear({ id, tool } = {}) {
    for (const fault of this.list()) {
      if ((!id || fault.id === id) && (!tool || fault.tool === tool)) this.faults.delete(fault.id);
    }
  }

  /**
   * The fault that strikes this request, counted; or undefined.
   * @param {{tool: string, method: string, path: string}} request
   */
  strike(request) {
    const hit = this.list().find((fault) => strikes(fault, request));
    return hit && this.faults.put(hit.id, { ...hit, hits: hit.hits + 1 });
  }
}

const strikes = (fault, { tool, method, path }) =>
  fault.tool === tool &&
  (fault.times === null || fault.hits < fault.times) &&
  (!fault.method || fault.method.toUpperCase() === method) &&
  (!fault.path || new RegExp(fault.path).test(path));

/** Plays a fault that keeps the request from the tool, in the tool's own `words`. */
export function before(fault, words) {
  if (!fault || AFTER.has(fault.effect) || fault.effect === 'meanwhile') return;
  if (fault.effect === 'drop_before') throw new Dropped('connection reset before the request');
  if (fault.effect === 'unauthorized') throw words.unauthorized();
  if (fault.effect === 'html') throw new Refusal(502, HTML, { 'content-type': 'text/html' });
  const status = fault.status ?? 500;
  const headers = fault.retry_after === undefined ? {} : { 'retry-after': `${fault.retry_after}` };
  throw fault.body === undefined
    ? words.refusal(status, headers)
    : new Refusal(status, fault.body, headers);
}

/** Plays a fault that spoils the answer to a request the tool has carried out. */
export async function after(fault, answer, clock) {
  if (!fault || !AFTER.has(fault.effect)) return answer;
  if (fault.effect === 'drop_after') throw new Dropped('connection reset before the answer');
  if (fault.effect === 'malformed') {
    const text = JSON.stringify(answer.body ?? { ok: true });
    return reply(answer.status === 204 ? 200 : answer.status, text.slice(0, text.length / 2), {
      ...answer.headers,
      'content-type': 'application/json',
    });
  }
  if (fault.effect === 'large') return { ...answer, body: enlarged(answer.body, fault) };
  // A platform whose clock can wait does so; any other sees how late the answer would have been.
  await clock.sleep?.(fault.ms ?? 0);
  return { ...answer, headers: { ...answer.headers, 'x-tutti-slow-ms': `${fault.ms ?? 0}` } };
}

/** The same body with one text, or list, said again and again. */
function enlarged(body, { at = '', bytes = 0 }) {
  const copy = structuredClone(body);
  const keys = at.split('/').slice(1);
  const last = keys.pop();
  const holder = keys.reduce((value, key) => value?.[key], copy);
  const part = holder?.[last];
  if (!part?.length) throw new TypeError(`${at} holds no text and no list`);
  const times = Math.ceil(bytes / (Array.isArray(part) ? JSON.stringify(part) : part).length);
  holder[last] = Array.isArray(part) ? Array(times).fill(part).flat() : part.repeat(times);
  return copy;
}

const HTML = `<!doctype html><html><head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1></body></html>`;
