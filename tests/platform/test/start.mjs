/**
 * Starts platforms over the fixture app for tests: in this process, or as one that can be killed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { startPlatform } from '../src/platform.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const FIXTURE = {
  app: here('fixture-app'),
  manifest: here('fixture-app/manifest.yml'),
  tools: here('fixture-app/world.mjs'),
};

/** @param {import('node:test').TestContext} t */
export async function start(t, options = {}) {
  const complaints = [];
  const platform = await startPlatform({
    ...FIXTURE,
    state: ':memory:',
    frozen: true,
    loudly: (line) => complaints.push(line),
    ...options,
  });
  let stopped;
  const { stop } = platform;
  platform.stop = () => (stopped ??= stop());
  t.after(() => platform.stop());
  return { ...client(platform.url), platform, complaints };
}

/** A state file that outlives the processes that use it. */
export function stateFile(t) {
  const directory = mkdtempSync(join(tmpdir(), 'platform-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'state.db');
}

/** Starts `bin/platform.mjs` as people do. */
export async function launch(t, { state, env = {}, args = [] }) {
  const child = spawn(
    process.execPath,
    [
      here('../bin/platform.mjs'),
      '--app',
      FIXTURE.app,
      '--manifest',
      FIXTURE.manifest,
      '--tools',
      FIXTURE.tools,
      '--state',
      state,
      '--frozen',
      ...args,
    ],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const errors = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const line = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    ended.then((how) => Promise.reject(new Error(`ended with ${how}: ${errors.join('\n')}`))),
  ]);
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return { ...client(JSON.parse(line).url), child, ended, kill };
}

/** The control API as functions. */
function client(url) {
  const send = async (method, path, body) => {
    const response = await fetch(url + path, { method, body: body && JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text) };
  };
  const get = async (path) => (await send('GET', path)).body;
  const post = async (path, body = {}) => (await send('POST', path, body)).body;
  const invokeAs = (
    accountId,
    functionKey,
    payload = {},
    extension = { issue: { key: 'PAY-88' } },
  ) =>
    send('POST', '/api/invoke', {
      moduleKey: 'fixture-panel',
      functionKey,
      payload,
      accountId,
      extension,
    });
  const invoke = async (functionKey, payload) => {
    const { body } = await invokeAs('ada', functionKey, payload);
    if (body.error) throw Object.assign(new Error(body.error.message), body.error);
    return body.result;
  };
  return {
    url,
    get,
    post,
    send,
    invoke,
    invokeAs,
    settle: () => post('/api/settle'),
    advance: (by) => post('/api/clock/advance', by),
  };
}
