// The offline scripted model: what it answers is set down beforehand and always of the asked type.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI from 'openai';

import { MODEL } from '../model/index.mjs';
import { CREDENTIALS } from '../worlds/acme.mjs';
import { begin, open, withoutContracts } from './world.mjs';

const FACTS = `Facts:
case: {"subject": "Checkout returns 502 since this morning"}
known: {"issues": [{"key": "PAY-88", "summary": "502 from checkout-gateway ≥ v4.12"}]}`;

const text = { type: 'string' };
const list = (items) => ({ type: 'array', items });
const object = (properties) => ({ type: 'object', properties, additionalProperties: false });
const schema = object({
  severity: { enum: ['S1', 'S2', 'S3', 'S4'] },
  relation: object({ kind: text, key: text }),
  action: text,
  note: { type: ['string', 'null'] },
  evidence: list(object({ fact: text, quote: text })),
});

const request = (more = {}) => ({
  model: MODEL,
  messages: [
    { role: 'system', content: 'Decide.' },
    { role: 'user', content: FACTS },
  ],
  response_format: { type: 'json_schema', json_schema: { name: 'triage', schema } },
  ...more,
});

async function connected(t, { apiKey = CREDENTIALS.openai.api_key, ...more } = {}) {
  const world = begin(more);
  const baseURL = `${await open(t, world.tools.hosts['api.openai.com'])}/v1`;
  return { ...world, client: new OpenAI({ baseURL, apiKey, maxRetries: 0 }) };
}

const asking = (decision, attempt = 1) => ({
  headers: { 'x-tutti-decision': decision, 'x-tutti-attempt': String(attempt) },
});

test('the script answers in the asked shape, with quotes that are in the prompt', async (t) => {
  const { client } = await connected(t);
  const answer = await client.chat.completions.create(request(), asking('triage'));
  assert.deepEqual([answer.model, answer.choices[0].finish_reason], [MODEL, 'stop']);
  assert.ok(answer.usage.prompt_tokens > 30 && answer.usage.completion_tokens > 30);
  const said = JSON.parse(answer.choices[0].message.content);
  assert.deepEqual(Object.keys(said).sort(), Object.keys(schema.properties).sort());
  assert.equal(said.severity, 'S2');
  assert.deepEqual(said.relation, { kind: 'duplicate_of', key: 'PAY-88' });
  assert.equal(said.note, null);
  assert.equal(said.evidence.length, 2);
  for (const { quote } of said.evidence) assert.ok(quote && FACTS.includes(quote));
});

test('a quote that is not in the prompt is not there', async (t) => {
  const { client } = await connected(t);
  const messages = [{ role: 'user', content: 'no facts' }];
  const answer = await client.chat.completions.create(request({ messages }), asking('triage'));
  const { evidence } = JSON.parse(answer.choices[0].message.content);
  assert.deepEqual(
    evidence.map(({ quote }) => quote),
    ['', ''],
  );
});

test('each world has its script; a decision without one is refused in plain words', async (t) => {
  const trial = await connected(t, { name: 'acme-trial' });
  const queued = await trial.client.chat.completions.create(request(), asking('triage'));
  assert.equal(JSON.parse(queued.choices[0].message.content).action, 'decline_to_queue');
  const unknown = await trial.client.chat.completions.create(request(), asking('nothing'));
  assert.match(unknown.choices[0].message.content, /no script for "nothing"/);
  assert.equal(trial.tools.world().model.calls.length, 2);
});

test('an answer over the limit is cut and says so', async (t) => {
  const { client } = await connected(t);
  const limited = request({ max_completion_tokens: 10 });
  const answer = await client.chat.completions.create(limited, asking('triage'));
  assert.deepEqual(
    [answer.choices[0].finish_reason, answer.usage.completion_tokens],
    ['length', 10],
  );
});

test('the endpoint refuses as OpenAI does', async (t) => {
  const { client } = await connected(t);
  const create = (more) => client.chat.completions.create(request(more), asking('triage'));
  await assert.rejects(create({ metadata: { a: 'b' }, store: false }), {
    status: 400,
    param: 'metadata',
  });
  await assert.rejects(create({ stream: true }), { status: 400 });
  const other = await connected(t, { apiKey: 'wrong' });
  await assert.rejects(other.client.models.list(), { status: 401, code: 'invalid_api_key' });
  assert.deepEqual(
    (await client.models.list()).data.map(({ id }) => id),
    [MODEL],
  );
});

test(
  'a request against the contract is refused and put on record',
  { skip: withoutContracts },
  async (t) => {
    const { client, tools } = await connected(t, { judged: true });
    const { messages, ...without } = request();
    await assert.rejects(client.chat.completions.create(without, asking('triage')), {
      status: 400,
    });
    assert.equal(tools.problems().length, 1);
    await client.chat.completions.create(request(), asking('triage'));
    assert.equal(tools.problems().length, 1);
  },
);
