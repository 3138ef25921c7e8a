/**
 * Public addresses that invoke a function, and webhooks of the simulated tools on their way there.
 * https://developer.atlassian.com/platform/forge/events-reference/web-trigger/
 */
import { randomBytes } from 'node:crypto';

import { backoff } from './queue.mjs';

const RETRIES = 4;
const ADDRESS = /^\/(?:webtrigger\/)?public\/([^/?#]+)(.*)$/;

export class WebTriggers {
  constructor({ store, manifest, invocations, deliveries, journal }) {
    Object.assign(this, { store, manifest, invocations, deliveries, journal });
    this.base = '';
    deliveries.handlers.http = this;
    store.declare(
      'CREATE TABLE IF NOT EXISTS webtrigger (id TEXT PRIMARY KEY, module TEXT NOT NULL)',
    );
  }

  /** The address of a module, the same on every call. */
  url(key, forceCreate = false) {
    if (this.manifest.module(key)?.type !== 'webtrigger') throw new Error(`no web trigger ${key}`);
    const known = this.store.get(
      'SELECT id FROM webtrigger WHERE module = ? ORDER BY rowid DESC',
      key,
    );
    const id = known && !forceCreate ? known.id : randomBytes(16).toString('base64url');
    this.store.run('INSERT OR IGNORE INTO webtrigger (id, module) VALUES (?, ?)', id, key);
    return `${this.base}/webtrigger/public/${id}`;
  }

  list() {
    return this.store
      .all('SELECT id, module FROM webtrigger ORDER BY rowid')
      .map(({ id, module }) => ({
        triggerKey: module,
        url: `${this.base}/webtrigger/public/${id}`,
      }));
  }

  /** Every web trigger of the manifest. @returns {Record<string, string>} */
  all() {
    return Object.fromEntries(
      this.manifest.ofType('webtrigger').map(({ key }) => [key, this.url(key)]),
    );
  }

  remove(id) {
    return this.store.run('DELETE FROM webtrigger WHERE id = ?', id).changes > 0;
  }

  /** @param {Request} request */
  async answer(request) {
    const url = new URL(request.url);
    const [, id, userPath] = url.pathname.match(ADDRESS) ?? [];
    const row = this.store.get('SELECT module FROM webtrigger WHERE id = ?', id);
    const module = row && this.manifest.module(row.module);
    if (!module) return new Response('Not found', { status: 404 });
    const outcome = await this.invocations.run({
      module,
      body: {
        method: request.method,
        path: url.pathname,
        userPath,
        headers: listed(request.headers),
        queryParameters: listed(url.searchParams),
        body: await request.text(),
      },
    });
    return this.reply(module, outcome);
  }

  reply(module, { success, body, error }) {
    if (!success) {
      const status =
        error.errorType === 'FUNCTION_TIME_OUT'
          ? 504
          : error.errorType === 'PAYLOAD_TOO_BIG'
            ? 413
            : 500;
      return new Response('Internal Server Error', { status });
    }
    const answer = module.response?.type === 'static' ? fixed(module.response.outputs, body) : body;
    if (!Number.isInteger(answer?.statusCode)) {
      this.journal.complain(
        `web trigger ${module.key}: the function's result is no response: ${JSON.stringify(body)}`,
      );
      return new Response('Internal Server Error', { status: 500 });
    }
    const headers = new Headers();
    for (const [name, values] of Object.entries(answer.headers ?? {})) {
      for (const value of [values].flat()) headers.append(name, value);
    }
    const bodyless = [204, 205, 304].includes(answer.statusCode);
    return new Response(bodyless ? null : (answer.body ?? ''), {
      status: answer.statusCode,
      headers,
    });
  }

  /** A tool sends its webhook: kept until it has been taken. */
  send({ url, headers = {}, body = '' }) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.deliveries.add({ kind: 'http', module: '', event: { url, headers, body: text } });
  }

  /** Wherever the address points, what counts is the id in it: ports change between two starts. */
  async deliver({ event: { url, headers, body } }) {
    const { pathname, search } = new URL(url);
    const request = new Request(`${this.base}${pathname}${search}`, {
      method: 'POST',
      headers,
      body,
    });
    const response = ADDRESS.test(pathname)
      ? await this.answer(request)
      : new Response('nothing listens at this address', { status: 502 });
    const text = await response.text();
    return response.status < 500
      ? { success: true, status: response.status }
      : { success: false, error: { errorType: `HTTP_${response.status}`, errorMessage: text } };
  }

  /** As the simulated tools do it: a few more times after a server error. */
  again({ attempt }, { success }) {
    return success || attempt >= RETRIES ? undefined : { afterMs: backoff(attempt) };
  }
}

function fixed(outputs, result) {
  const output = outputs.find(({ key }) => key === result?.outputKey);
  return (
    output && {
      statusCode: output.statusCode,
      headers: { 'content-type': [output.contentType ?? 'text/plain'] },
      body: output.body,
    }
  );
}

function listed(entries) {
  const lists = {};
  for (const [name, value] of entries) (lists[name] ??= []).push(value);
  return lists;
}
