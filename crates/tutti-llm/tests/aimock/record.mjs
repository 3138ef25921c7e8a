// Records what another OpenAI-compatible server answers, so that `tests/aimock.rs` needs no Node.
// To record anew: `npm i --no-save @copilotkit/aimock` here, then `node record.mjs > replies.json`.
import { LLMock } from '@copilotkit/aimock';

const error = (status, type, code, message) => ({ status, error: { type, code, message } });

const answers = {
  stop: { content: '{"severity":"S1"}' },
  length: { content: '{"sever', finishReason: 'length' },
  filtered: { content: '', finishReason: 'content_filter' },
  tools: { toolCalls: [{ name: 'jira_issue_search', arguments: { text: 'checkout' } }] },
  limited: error(429, 'rate_limit_error', 'rate_limit_exceeded', 'Rate limit reached'),
  broke: error(429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your quota'),
  key: error(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided'),
  model: error(404, 'invalid_request_error', 'model_not_found', 'The model does not exist'),
  down: error(500, 'server_error', null, 'The server had an error'),
  malformed: { content: 'never seen' },
};

const kept = ([name]) => /^(content-type|retry-after|x-ratelimit-.*)$/.test(name);

const server = new LLMock({ port: 0, strict: true });
for (const [name, answer] of Object.entries(answers)) server.onMessage(name, answer);
await server.start();
const replies = {};
for (const name of [...Object.keys(answers), 'unmatched']) {
  if (name === 'malformed') server.setChaos({ malformedRate: 1 });
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'gpt-5.4-mini', messages: [{ role: 'user', content: name }] }),
  });
  server.clearChaos();
  replies[name] = {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(kept)),
    body: await response.text(),
  };
}
await server.stop();
console.log(JSON.stringify(replies, null, 2));
