/**
 * An OpenAI-compatible endpoint with the *offline scripted model*: no model at all, but a script
 * that stands in for one where there is no network or no key.
 * https://platform.openai.com/docs/api-reference/chat
 */
import { Refusal, ok } from '../reply.mjs';
import { Tool } from '../tool.mjs';
import { entry, fill, fit, script } from './script.mjs';

export const MODEL = 'offline-scripted-model';

const refusal = (status, message, more = {}, headers = {}) =>
  new Refusal(status, {
    error: { message, type: 'invalid_request_error', param: null, code: null, ...more },
  }, headers);

export function createModel(world) {
  const tokens = world.collection('model.token');
  const calls = world.collection('model.call');
  const unauthorized = () =>
    refusal(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
  const tool = new Tool('model', world, {
    authenticate: ({ headers }) => {
      const [, key] = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
      if (!key || !tokens.get(key)) throw unauthorized();
      return 'app';
    },
    check: async (call) =>
      call.path.endsWith('/chat/completions') ? world.contract.chatCompletion(call.body) : null,
    unauthorized,
    refusal: (status, headers) => {
      const [message, type, code] = sayings[status] ?? sayings[500];
      return refusal(status, message, { type, code }, headers);
    },
    invalid: (problems) => refusal(400, problems.join('; ')),
  });

  // https://platform.openai.com/docs/api-reference/models/list
  tool.get('/v1/models', () => ok({
    object: 'list',
    data: [{ id: MODEL, object: 'model', created: 1_767_225_600, owned_by: 'tutti' }],
  }));

  // https://platform.openai.com/docs/api-reference/chat/create
  tool.post('/v1/chat/completions', ({ body, headers }) => {
    if (!Array.isArray(body?.messages)) {
      throw refusal(400, "Missing required parameter: 'messages'.", { param: 'messages' });
    }
    if (body.stream) throw refusal(400, 'The scripted model does not stream.', { param: 'stream' });
    if (body.metadata && body.store !== true) {
      const message = "The 'metadata' parameter is only allowed when 'store' is enabled.";
      throw refusal(400, message, { param: 'metadata' });
    }
    const named = (name) => headers.get(`x-tutti-${name}`) ?? body.metadata?.[`tutti_${name}`];
    const asked = { decision: named('decision'), attempt: named('attempt') ?? '1' };
    const completion = answer(world, body, asked);
    const call = { at: world.now(), ...asked, usage: completion.usage, prompt: promptOf(body) };
    calls.put(calls.next(), call);
    return ok(completion);
  });

  return { app: tool.app, world: () => ({ calls: calls.list() }) };
}

const sayings = {
  404: ['The model does not exist.', 'invalid_request_error', 'model_not_found'],
  429: ['Rate limit reached.', 'requests', 'rate_limit_exceeded'],
  500: ['The server had an error while processing your request.', 'server_error', null],
  503: ['The engine is currently overloaded.', 'server_error', null],
};

function answer(world, request, asked) {
  const said = say(world, request, asked);
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const cut = tokensOf(said) > limit;
  const content = cut ? said.slice(0, limit * LETTERS) : said;
  const [read, written] = [tokensOf(promptOf(request)), tokensOf(content)];
  return {
    id: `chatcmpl-offline-${world.state.next('model.completion')}`,
    object: 'chat.completion',
    created: Math.floor(world.now() / 1000),
    model: MODEL,
    choices: [{
      index: 0,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: cut ? 'length' : 'stop',
    }],
    usage: { prompt_tokens: read, completion_tokens: written, total_tokens: read + written },
  };
}

/** What the script says, as text. A decision nobody has scripted is refused in plain words. */
function say(world, request, { decision, attempt }) {
  const { name } = world.settings.get('world') ?? {};
  const found = name && entry(script(name), decision, attempt);
  if (!found) return `I am the offline scripted model and have no script for "${decision}".`;
  if (found.status) {
    const [message, type, code] = sayings[found.status] ?? sayings[500];
    throw refusal(found.status, message, { type, code },
      found.retry_after === undefined ? {} : { 'retry-after': `${found.retry_after}` });
  }
  if (found.text !== undefined) return found.text;
  const schema = request.response_format?.json_schema?.schema;
  return JSON.stringify(fit(fill(found.answer, promptOf(request)), schema));
}

/** All that was said to the model, as it reads it. */
const promptOf = ({ messages }) =>
  messages
    .flatMap(({ content }) => (typeof content === 'string' ? content : content ?? []))
    .map((part) => (typeof part === 'string' ? part : part.text ?? ''))
    .join('\n');

/** Letters to a token: a rough count, good enough for budgets. */
const LETTERS = 4;
const tokensOf = (text) => Math.ceil(text.length / LETTERS);
