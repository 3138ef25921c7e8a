// The handlers manifest.yml names. Each gets its own wasm instance and its own ports.
import { getAppContext } from '@forge/api';
import { InvocationError, InvocationErrorCode } from '@forge/events';
import { drive } from './drive.js';
import { createInstance } from './instance.js';
import { createHost } from './host.js';

/** Half a character, where somebody cut a text, is none that could be read. */
const whole = (_, value) => (typeof value === 'string' ? value.toWellFormed() : value);

const serve = async (entry, request) =>
  JSON.parse(await createInstance().serve(entry, JSON.stringify(request, whole), createHost()));

/**
 * One call of a page, answered with `{ ok }` or `{ error }`: the account comes from the platform,
 * everything else from the page.
 */
const surface = (name) => (request, context) =>
  serve(name, {
    function: request.call.functionKey,
    payload: request.call.payload ?? {},
    account: context.principal?.accountId ?? '',
    extension: request.context?.extension ?? {},
  });

export const panel = surface('panel');
export const settings = surface('settings');
export const admin = surface('admin');

/** One delivery of a tool; which one, the key of its web trigger says. */
export const delivery = async (request) => {
  const tool = getAppContext().moduleKey.replace('hook-', '');
  return (await serve('hook', { tool, headers: request.headers, body: request.body ?? '' })).ok;
};

export const productEvent = async (event) => {
  const { ok, error } = await serve('event', event);
  if (error) throw new Error(`the event: ${JSON.stringify(error)}`);
  const { retry_after: retryAfter } = ok;
  if (retryAfter === null) return undefined;
  return new InvocationError({
    retryAfter,
    retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST,
  });
};

/** Looks who may start; an error lets the queue ask again. */
export const admit = async (event) => {
  const { error } = await serve('admit', event.body);
  if (error) throw new Error(`admission: ${JSON.stringify(error)}`);
};

export const sweep = async () => {
  const { error } = await serve('sweep', {});
  if (error) console.error(`the sweep: ${JSON.stringify(error)}`);
};

export const work = async (event) => {
  const message = { ...event.body, again: (event.retryContext?.retryCount ?? 0) > 0 };
  const remainingMs = () => getAppContext().invocationRemainingTimeInMillis();
  const done = await drive(createInstance(), createHost(), message, remainingMs);
  console.log(JSON.stringify(done));
};
