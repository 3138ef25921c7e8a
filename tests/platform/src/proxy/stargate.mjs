/**
 * Atlassian's own gateway, as far as the SDK uses it: queue events and web-trigger addresses.
 */
import { unmodelled } from './index.mjs';

const QUEUE = /^\/webhook\/queue\/(publish|stats|cancel)\//;

/** @returns {import('./index.mjs').Capability} */
export const stargate =
  ({ queue, webTriggers, boundaries, journal }) =>
  async (call) => {
    const { invocation, target, request, params } = call;
    const [, verb] = target.match(QUEUE) ?? [];
    if (params.provider === 'app' && verb) {
      return queueCall(queue, boundaries, verb, await request.json(), invocation);
    }
    if (params.provider === 'app' && target === '/graphql') {
      const answered = graphql(webTriggers, await request.json());
      if (answered) return Response.json({ data: answered });
    }
    return unmodelled(journal, `${target} as ${params.provider}`, invocation);
  };

function queueCall(queue, boundaries, verb, body, invocation) {
  if (verb === 'publish') {
    const push = () => queue.push(body, invocation.chain);
    const { status, body: answer = {} } = boundaries.around(`queue.push ${body.queueName}`, push);
    return Response.json(answer, { status });
  }
  if (verb === 'stats') {
    const stats = queue.stats(body.jobId);
    return stats ? Response.json(stats) : new Response('', { status: 404 });
  }
  return new Response(null, { status: queue.cancel(body.jobId) ? 204 : 404 });
}

/** @returns {object | undefined} undefined for a question the stand-in does not know */
function graphql(webTriggers, { query, variables }) {
  if (query.includes('createWebTriggerUrl')) {
    const { input, forceCreate } = variables;
    if (input.secretKeyConfig) return undefined;
    return { createWebTriggerUrl: { url: webTriggers.url(input.triggerKey, forceCreate) } };
  }
  if (query.includes('deleteWebTriggerUrl')) {
    const success = webTriggers.remove(variables.id);
    return { deleteWebTriggerUrl: { success, message: success ? null : 'no such web trigger' } };
  }
  if (query.includes('webTriggerUrlsByAppContext'))
    return { webTriggerUrlsByAppContext: webTriggers.list() };
  return undefined;
}
