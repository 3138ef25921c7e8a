/**
 * Calls to the outside: only where the manifest allows it, redirects included. Simulated hosts
 * answer here, mapped ones are relayed to a real server, all others cannot be reached.
 */
import { EgressFilteringService } from '@forge/egress';

import { bodyOf, ownHeaders, refuse } from './index.mjs';

const HOPS = 20;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** https://developer.atlassian.com/platform/forge/runtime-reference/ */
const PORTS = new Set([
  '',
  '80',
  '8080',
  '443',
  '8443',
  '8444',
  '7990',
  '8089',
  '8090',
  '8085',
  '8060',
]);

export class Unreachable extends Error {
  name = 'Dropped';
}

export class Egress {
  /** @param {{map?: Record<string, string>}} parts  `map`: from origins to those that answer */
  constructor({ world, manifest, journal, meter, boundaries, map = {} }) {
    Object.assign(this, { world, journal, meter, boundaries });
    this.allowed = new EgressFilteringService(manifest.egress);
    this.map = new Map(Object.entries(map).map(([from, to]) => [new URL(from).origin, to]));
  }

  /** @type {import('./index.mjs').Capability} */
  answer = async ({ invocation, target, request }) => {
    invocation.egressBudget -= 1;
    if (invocation.egressBudget < 0) {
      this.journal.complain(
        `${invocation.functionKey}: over the limit of outside calls`,
        invocation.id,
      );
      return Response.json({ message: 'Too many egress calls' }, { status: 429 });
    }
    const headers = ownHeaders(request.headers);
    const sent = new Request(target, {
      method: request.method,
      headers,
      body: await bodyOf(request),
    });
    return this.follow(sent, request.headers.get('forge-proxy-redirect'), invocation);
  };

  async follow(first, redirect, invocation) {
    let request = first;
    for (let hop = 0; hop <= HOPS; hop += 1) {
      const url = new URL(request.url);
      if (!this.permits(url)) {
        this.journal.complain(`egress to ${url.origin} is not in the manifest`, invocation.id);
        return refuse(403, 'REQUEST_EGRESS_ALLOWLIST_ERR', `not allowed: ${url.origin}`);
      }
      const next = request.clone();
      const response = await this.send(request, url, invocation);
      const location = response.headers.get('location');
      if (
        ![301, 302, 303, 307, 308].includes(response.status) ||
        !location ||
        redirect === 'manual'
      ) {
        return response;
      }
      if (redirect === 'error') throw new Unreachable('unexpected redirect');
      request = await redirected(next, response.status, new URL(location, url));
    }
    throw new Unreachable('too many redirects');
  }

  permits(url) {
    return (
      PORTS.has(url.port) && this.allowed.isValidUrl(`${url.protocol}//${url.host}${url.pathname}`)
    );
  }

  async send(request, url, invocation) {
    const { method } = request;
    const entry = {
      host: url.host,
      method,
      path: url.pathname,
      query: url.search,
      invocation: invocation.id,
      function: invocation.functionKey,
    };
    this.meter.add(`calls.${url.host.replaceAll('.', '_')}.${method}`);
    try {
      const send = async () => this.reach(request, url);
      const response = SAFE.has(method)
        ? await send()
        : await this.boundaries.around(`${url.host} ${method} ${url.pathname}`, send);
      this.journal.call({ ...entry, status: response.status });
      return response;
    } catch (error) {
      this.journal.call({ ...entry, status: null, dropped: true });
      throw error;
    }
  }

  async reach(request, url) {
    const simulator = this.world.hosts[url.host];
    const real = this.map.get(url.origin);
    if (real) return relay(request, new URL(url.pathname + url.search, real), real);
    if (simulator) return simulator.fetch(request);
    throw new Unreachable(`nothing answers at ${url.host}`);
  }
}

/** A mapped server may live under a path of its own. */
async function relay(request, url, base) {
  const prefix = new URL(base).pathname.replace(/\/$/, '');
  const target = new URL(prefix + url.pathname + url.search, base);
  try {
    const body = await bodyOf(request);
    return await fetch(target, {
      method: request.method,
      headers: request.headers,
      body,
      redirect: 'manual',
    });
  } catch (error) {
    throw new Unreachable(`${target.origin}: ${error.cause?.code ?? error.message}`);
  }
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
async function redirected(request, status, url) {
  const headers = new Headers(request.headers);
  if (url.origin !== new URL(request.url).origin) headers.delete('authorization');
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') ||
    ([301, 302].includes(status) && request.method === 'POST');
  const method = becomesGet ? 'GET' : request.method;
  return new Request(url, {
    method,
    headers,
    body: becomesGet ? undefined : await bodyOf(request),
  });
}
