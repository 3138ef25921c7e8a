/**
 * A seeded world for one test: a clock that stands still until it is moved, the events that left,
 * and doors over HTTP for the vendors' own clients.
 */
import { existsSync } from 'node:fs';

import { serve } from '@hono/node-server';
import Database from 'libsql';

import { Dropped, createTools } from '../index.mjs';

const CONTRACTS =
  process.env.TUTTI_CONTRACTS ??
  new URL('../../../../../shared/contracts', import.meta.url).pathname;

/** The folder of the vendors' contracts, or undefined where there is none. */
export const contracts = existsSync(CONTRACTS) ? CONTRACTS : undefined;

/** For `node:test`: why a test of the contracts does not run, or false. */
export const withoutContracts = contracts ? false : `no contracts at ${CONTRACTS}`;

export const START = Date.parse('2026-03-10T09:00:00Z');

export function begin({ name = 'acme', db = new Database(':memory:'), judged = false } = {}) {
  const clock = { at: START, now: () => clock.at };
  const events = [];
  const tools = createTools({
    db,
    clock,
    emit: (event) => events.push(event),
    contracts: judged ? contracts : undefined,
  });
  if (name) tools.seed(name);
  return {
    tools,
    clock,
    events,
    db,
    jira: product(tools.products.jira, 'jira.local'),
    confluence: product(tools.products.confluence, 'confluence.local'),
  };
}

/** Asks a product as the app, or as whom `actor` says; gives the status and the parsed answer. */
function product(app, host) {
  return async (method, path, body, actor = 'app') => {
    const answer = await app.request(`https://${host}${path}`, {
      method,
      headers: { 'x-tutti-actor': actor, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  };
}

/**
 * Opens a tool on a port of its own until the test ends; a dropped connection is really cut.
 * @param {import('node:test').TestContext} t
 */
export async function open(t, app, headers = {}) {
  const fetch = async (request, { outgoing }) => {
    try {
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return await app.fetch(request);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
      outgoing.destroy();
      return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
    }
  };
  const server = await new Promise((resolve) => {
    const listening = serve({ fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening));
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

export const doc = (...texts) => ({
  type: 'doc',
  version: 1,
  content: texts.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
});
