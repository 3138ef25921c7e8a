/**
 * What Forge's runtime wrapper is to the unmodified @forge packages: two globals, a fetch that
 * obeys the egress rules, consoles that become log lines, and the call of the handler.
 */
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { format } = require('node:util');

const time = require('./time.cjs');

const current = new AsyncLocalStorage();
const realFetch = globalThis.fetch;

Object.defineProperty(global, '__forge_runtime__', {
  configurable: true,
  get: () => current.getStore(),
});

const encoded = encodeURIComponent;

/** Where the proxy hears of each kind of call. */
const ROUTES = {
  fpp: ({ provider, remote, contextAri, accountId }) => {
    const where = remote ? `remote/${remote}` : `contextAri/${encoded(contextAri)}`;
    return `/fpp/provider/${provider}/${where}${accountId ? `/account/${encoded(accountId)}` : ''}`;
  },
  tpp: ({ provider, remote, accountId }) =>
    `/tpp/provider/${provider}/remote/${remote}/account/${accountId}`,
  frc: ({ remote }) => `/frc/${remote}`,
  fcc: ({ service }) => `/fcc/${service}`,
  egress: () => '/egress',
};
const routeOf = (meta) =>
  ROUTES[meta.type]?.(meta) ?? `/fpp/as/app/provider/atlassian/capability/${meta.type}`;

// The realtime package passes a stray `errors` that fetch does not know.
global.__forge_fetch__ = async (meta, target, { errors, ...init } = {}) => {
  const runtime = current.getStore();
  if (!runtime) throw new Error('__forge_fetch__ called outside an invocation');
  const headers = new Headers(init.headers);
  headers.delete('host');
  headers.set('forge-proxy-target', String(target));
  headers.set('forge-proxy-authorization', `Bearer ${runtime.proxy.token}`);
  headers.set('forge-proxy-redirect', init.redirect ?? 'follow');
  headers.set('forge-proxy-now', String(time.now()));
  const response = await realFetch(new URL(routeOf(meta), runtime.proxy.url), {
    ...init,
    headers,
    redirect: 'manual',
  });
  time.reach(Number(response.headers.get('forge-proxy-now')));
  if (meta.type === 'egress' && response.headers.has('forge-proxy-error')) throw refused(target);
  return response;
};

function refused(url) {
  const error = new Error(
    `URL not included in the external fetch backend permissions: ${url}. ` +
      'Visit go.atlassian.com/forge-egress for more information.',
  );
  return Object.assign(error, {
    name: 'REQUEST_EGRESS_ALLOWLIST_ERR',
    status: 403,
    stack: undefined,
  });
}

globalThis.fetch = async (input, init) => {
  if (!current.getStore()) return realFetch(input, init);
  const request = new Request(input, init);
  const body = ['GET', 'HEAD'].includes(request.method) ? undefined : await request.arrayBuffer();
  const { method, headers, signal, redirect } = request;
  return global.__forge_fetch__({ type: 'egress' }, request.url, {
    method,
    headers,
    body,
    signal,
    redirect,
  });
};

/** Sends every console line through `sink`. */
function speak(sink) {
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace']) {
    console[level] = (...args) =>
      sink({
        level: level === 'log' ? 'info' : level,
        invocation: current.getStore()?.appContext.invocationId,
        line: format(...args),
      });
  }
}

const silent = () => {};
const metrics = {
  counter: () => ({ incr: silent, incrBy: silent, decr: silent, decrBy: silent }),
  timing: () => ({ measure: () => ({ stop: silent }) }),
  gauge: () => ({ set: silent }),
};

async function main(event, lambdaContext, codeDirectory) {
  const meta = event._meta;
  for (const { key, value } of event.variables ?? []) process.env[key] = value;
  const runtime = {
    ...meta,
    realtime: meta.realtime ?? {},
    externalAuth: meta.externalAuth ?? [],
    lambdaContext,
    metrics,
    featureFlags: () => false,
    container: {
      region: 'local',
      runtime: process.version,
      handler: event.handler,
      appCodeDir: codeDirectory,
    },
  };
  const context = {
    installContext: meta.contextAri,
    installation: meta.appContext.installation,
    ...(meta.aaid && { principal: { accountId: meta.aaid } }),
    ...(meta.license && { license: meta.license }),
  };
  try {
    // The SDK reads the runtime while it loads, hence the handler is required inside.
    const body = await current.run(runtime, async () =>
      handlerOf(event.handler, codeDirectory)(event.body, context),
    );
    return {
      success: true,
      body: body === undefined ? undefined : JSON.parse(JSON.stringify(body)),
    };
  } catch (error) {
    return { success: false, error: told(error) };
  }
}

function handlerOf(handler, directory) {
  const dot = handler.lastIndexOf('.');
  const [file, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const path = ['.cjs', '.js']
    .map((extension) => join(directory, file + extension))
    .find(existsSync);
  if (!path) throw new Error(`Handler ${handler}: no ${file}.cjs or ${file}.js in the package`);
  const handle = require(path)[name];
  if (typeof handle !== 'function') throw new Error(`Handler ${handler} is not a function`);
  return handle;
}

const told = (error) => ({
  errorMessage: String(error?.message ?? error),
  errorType: error?.name ?? 'Error',
  stack: String(error?.stack ?? '').split('\n'),
  serviceKey: error?.serviceKey,
  options: error?.options,
});

module.exports = { main, speak };
