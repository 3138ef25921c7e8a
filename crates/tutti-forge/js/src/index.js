// The handlers manifest.yml names. Each gets its own wasm instance and its own ports.
import { getAppContext } from '@forge/api';
import { InvocationError, InvocationErrorCode } from '@forge/events';
import { drive } from './drive.js';
import { createInstance } from './instance.js';
import { createHost } from './host.js';

const serve = async (entry, request) =>
  JSON.parse(await createInstance().serve(entry, JSON.stringify(request), createHost()));

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

const hook = (tool) => async (request) =>
  (await serve('hook', { tool, headers: request.headers, body: request.body ?? '' })).ok;

export const hookSalesforce = hook('salesforce');
export const hookGitlab = hook('gitlab');

export const productEvent = async (event) => {
  const answer = await serve('event', event);
  if (answer.ok.retry) {
    return new InvocationError({
      retryAfter: 30,
      retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST,
    });
  }
  return undefined;
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
