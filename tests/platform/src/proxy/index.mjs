/**
 * The proxy every call of the app goes through: it knows whose invocation a call belongs to and
 * hands it to the capability it asks for. What the stand-in does not model is refused loudly.
 */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';

/**
 * @typedef {object} Call
 * @property {import('../invoke.mjs').Invocation} invocation
 * @property {string} target        the path or URL as the app wrote it
 * @property {Request} request
 * @property {Record<string, string>} params  from the route
 * @typedef {(call: Call) => Promise<Response> | Response} Capability
 */

/**
 * @param {object} parts
 * @param {Record<string, Capability>} parts.capabilities  products, stargate, egress, kvs, realtime
 * @returns {Hono}
 */
export function createProxy({ capabilities, invocations, clock, journal }) {
  const app = new Hono();
  const route = (path, capability) =>
    app.all(path, (c) => answer(c, capability, { invocations, clock, journal }));
  for (const account of ['', '/account/:account']) {
    route(`/fpp/provider/:provider/remote/stargate${account}`, capabilities.stargate);
    route(`/fpp/provider/:provider/remote/:remote${account}`, capabilities.products);
  }
  for (const name of ['kvs', 'realtime']) {
    route(`/fpp/as/app/provider/atlassian/capability/${name}`, capabilities[name]);
  }
  route('/egress', capabilities.egress);
  route('*', ({ request, target, invocation }) =>
    unmodelled(
      journal,
      `no capability at ${new URL(request.url).pathname} for ${target}`,
      invocation,
    ),
  );
  return app;
}

async function answer(c, capability, { invocations, clock, journal }) {
  const token = c.req.header('forge-proxy-authorization')?.replace(/^Bearer /, '');
  const invocation = invocations.holding(token);
  if (!invocation) return refuse(401, 'INVOCATION_ENDED', 'the invocation of this call is over');
  clock.reach(Number(c.req.header('forge-proxy-now')));
  const call = {
    invocation,
    target: c.req.header('forge-proxy-target') ?? '',
    request: c.req.raw,
    params: c.req.param(),
  };
  try {
    const response = await capability(call);
    return withClock(response, clock);
  } catch (error) {
    if (error.name === 'Dropped') return drop(c);
    journal.complain(`proxy: ${call.target}: ${error.stack}`, invocation.id);
    return refuse(500, 'STAND_IN_FAILED', error.message);
  }
}

/** The caller sees its connection break and never learns what happened. */
function drop(c) {
  c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function withClock(response, clock) {
  const headers = new Headers(response.headers);
  // The body was decoded on its way here.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding'])
    headers.delete(name);
  headers.set('forge-proxy-now', String(clock.now()));
  const { status, statusText } = response;
  return new Response([204, 205, 304].includes(status) ? null : response.body, {
    status,
    statusText,
    headers,
  });
}

/** A refusal by the platform itself, which the SDK raises as an error. */
export const refuse = (status, code, message) =>
  Response.json({ code, message }, { status, headers: { 'forge-proxy-error': code } });

export function unmodelled(journal, what, invocation) {
  journal.complain(`NOT MODELLED: ${what}`, invocation?.id);
  return refuse(501, 'NOT_MODELLED', what);
}

/** The app's own headers, without those of this connection. */
export function ownHeaders(headers) {
  const own = new Headers();
  const ours =
    /^(forge-proxy-.*|host|connection|content-length|(transfer|accept)-encoding|x-tutti-actor)$/;
  for (const [name, value] of headers) if (!ours.test(name)) own.set(name, value);
  return own;
}

/** @returns {Promise<ArrayBuffer | undefined>} */
export async function bodyOf(request) {
  return ['GET', 'HEAD'].includes(request.method) ? undefined : request.arrayBuffer();
}
