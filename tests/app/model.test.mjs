// What a model says is checked before anything is done with it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { breakTool, played, stage, wrongWith } from './stage.mjs';

describe('an answer of the model', { concurrency: 2 }, () => {
  const GOOD = {
    severity: 'S2',
    relation: { kind: 'duplicate_of', key: 'PAY-88' },
    action: 'attach_to_known',
    customerImpact: 'Checkout is down.',
    missing: [],
    evidence: [
      { sourceId: 'case', quote: 'Checkout returns 502 since this morning' },
      { sourceId: 'known', quote: '502 from checkout-gateway' },
    ],
    confidence: 80,
    reasons: 'The same error.',
    alternatives: [],
  };
  /** The model says this instead of what its script holds. */
  const says = (content, times) => ({
    tool: 'model',
    method: 'POST',
    path: 'completions',
    effect: 'status',
    status: 200,
    times,
    body: {
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model: 'offline-scripted-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
    },
  });
  const told = (change) => JSON.stringify({ ...GOOD, ...change });
  const quoting = (second) => told({ evidence: [GOOD.evidence[0], second] });
  const triage = ({ decisions, transcript }) => {
    const line = transcript.find((each) => each.includes('adapted: ')) ?? '';
    return { ...decisions[0], adapted: line.trim() };
  };

  const wrong = {
    'that is no JSON': ['I think it is PAY-88.', /not JSON/],
    'of another type': [told({ severity: 2 }), /severity/],
    'that is not among the choices': [told({ severity: 'S9' }), /severity/],
    'that names a work item nobody found': [
      told({ relation: { kind: 'duplicate_of', key: 'PAY-1' } }),
      /relation\.key/,
    ],
    'with a quote that is nowhere': [
      quoting({ sourceId: 'known', quote: 'gateway melts' }),
      /gateway melts` is not in/,
    ],
    'with too little evidence': [told({ evidence: GOOD.evidence.slice(0, 1) }), /evidence/],
    'with one quote twice': [quoting(GOOD.evidence[0]), /count once/],
    'with a quote of a fact nobody has': [
      quoting({ sourceId: 'weather', quote: 'rain all day' }),
      /sourceId.*weather/,
    ],
  };
  for (const [what, [content, why]] of Object.entries(wrong)) {
    it(`${what} never reaches an effect: the rules decide and say so`, async (t) => {
      const app = await stage(t);
      await breakTool(app, says(content, null));
      const story = await played(app);
      assert.deepEqual(wrongWith(story), []);
      const { by, answer, adapted } = triage(story);
      assert.equal(by, 'rules');
      assert.equal(answer.relation.key, 'PAY-88');
      assert.match(adapted, why);
      assert.match(adapted, /decided by the flow's rules/);
      assert.equal((await app.get('/api/faults'))[0].hits, 2, 'asked, and once to repair');
    });
  }

  it('that is wrong once is repaired', async (t) => {
    const app = await stage(t);
    await breakTool(app, says(wrong['with a quote that is nowhere'][0], 1));
    const story = await played(app);
    assert.deepEqual(wrongWith(story), []);
    const { by, adapted } = triage(story);
    assert.equal(by, 'model offline-scripted-model');
    assert.match(adapted, /the answer could not be used .*repaired/);
  });

  it('that is too mild is raised to what the flow allows', async (t) => {
    const app = await stage(t);
    await breakTool(app, says(told({ severity: 'S4' }), 1));
    const { by, answer, raised, adapted } = triage(await played(app));
    assert.equal(answer.severity, 'S2');
    assert.match(raised[0], /severity to at least S2/);
    assert.deepEqual([by, raised.length, adapted], ['model offline-scripted-model', 1, '']);
  });

  it('that never comes is not waited for', async (t) => {
    for (const fault of [{ status: 500 }, { status: 404 }, { status: 401 }]) {
      const app = await stage(t);
      await breakTool(app, { tool: 'model', effect: 'status', times: null, ...fault });
      const story = await played(app);
      assert.deepEqual(wrongWith(story), []);
      assert.equal(triage(story).by, 'rules', `${fault.status}`);
    }
  });

  it('that could cost more than what is left of the budget is not asked for', async (t) => {
    const app = await stage(t);
    const prices = { usd_per_million_in: '100', usd_per_million_out: '400' };
    await app.admin('save_connection', { tool: 'model', values: prices });
    await breakTool(app, says(told({}), null));
    const story = await played(app);
    assert.deepEqual(wrongWith(story), []);
    const { by, adapted } = triage(story);
    assert.equal(by, 'rules');
    assert.match(adapted, /over budget: \$0\.2000 left for a question/);
    assert.equal((await app.get('/api/faults'))[0].hits, 0);
  });
});
