// What is not right is turned away with a plain reason, and leaves no trace.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { HOOKS, PEOPLE } from '../../scripts/story/app.mjs';
import {
  CASE, ROOT, approved, breakTool, census, deliver, folder, launch, ownState, played, stage, traces,
  untilAsked, wrongWith,
} from './stage.mjs';

const { parse } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');
const SOURCE = readFileSync(join(ROOT, 'templates/premier-escalation.yaml'), 'utf8');
const EVENT = { eventId: 'e-900', caseId: CASE, lastModified: '2026-03-10T08:59:59Z' };
const KB = 1024;

/** Calls as a page does; the refusal's code, or `ok`. */
const codeOf = async (answer) => {
  const { error } = await answer;
  return error ? error.code : 'ok';
};

/** A platform for all tests of a suite. */
function shared(make = ownState) {
  const held = {};
  before(async () => {
    held.platform = await launch(await make());
    held.app = held.platform.app;
  });
  after(() => held.platform?.kill());
  return held;
}

describe('a delivery that is not right', () => {
  const held = shared();
  const now = async () => (await held.app.get('/api/clock')).now;
  const padded = (bytes) => {
    const filler = bytes - JSON.stringify({ ...EVENT, more: '' }).length;
    return JSON.stringify({ ...EVENT, more: 'x'.repeat(filler) });
  };
  const SECOND = 1000;
  const wrong = [
    ['unsigned', EVENT, { signature: null }, 401],
    ['signed with another secret', EVENT, { secret: 'not-the-secret-it-should-be' }, 401],
    ['signed for another body', EVENT, { signature: 't=1773133200,v1=00' }, 401],
    ['signed too long ago', EVENT, { late: -301 * SECOND }, 401],
    ['signed in the future', EVENT, { late: 301 * SECOND }, 401],
    ['not JSON', 'caseId=5008d00000ACME01', {}, 400],
    ['half JSON', '{"caseId": "5008', {}, 400],
    ['an array', [EVENT], {}, 400],
    ['a string', '"5008d00000ACME01"', {}, 400],
    ['nothing', '', {}, 400],
    ['without its caseId', { eventId: 'e-900' }, {}, 422],
    ['with a caseId of null', { ...EVENT, caseId: null }, {}, 422],
    ['over 200 KB', padded(200 * KB + 1), {}, 413],
    ['over 200 KB and unsigned', padded(200 * KB + 1), { signature: null }, 413],
  ];
  for (const [what, event, { late = 0, ...how }, status] of wrong) {
    it(`${what}: ${status}, nothing stored, nothing started`, async () => {
      const { app } = held;
      const had = { ...await traces(app), wrote: (await app.get('/api/boundaries')).length };
      assert.equal(await deliver(app, event, { at: (await now()) + late, ...how }), status);
      await app.settle();
      const has = { ...await traces(app), wrote: (await app.get('/api/boundaries')).length };
      assert.deepEqual(has, had);
    });
  }

  it('of GitLab with another token: 401', async () => {
    const { app } = held;
    const urls = await app.get('/api/webtriggers');
    const send = (token) => fetch(urls['hook-gitlab'], {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-gitlab-token': token },
      body: JSON.stringify({ object_kind: 'pipeline' }),
    });
    assert.equal((await send('wrong')).status, 401);
    assert.equal((await send('')).status, 401);
    assert.equal((await send(HOOKS.gitlab)).status, 202);
  });

  it('is refused at the edges only: just within them it is taken', async () => {
    const { app } = held;
    const at = (await now()) - 299 * SECOND;
    assert.equal(await deliver(app, padded(200 * KB), { at }), 202);
    await app.settle();
    assert.equal((await traces(app)).runs.length, 1);
  });
});

describe('before anybody entered a secret', () => {
  const held = shared(async () => join(folder(), 'state.db'));

  it('nothing is taken, however it is signed', async () => {
    const { app } = held;
    for (const secret of ['', HOOKS.salesforce]) {
      assert.equal(await deliver(app, EVENT, { secret: secret || 'x' }), 401);
    }
    assert.deepEqual((await app.get('/api/boundaries')), []);
  });

  it('a secret that can be guessed is not accepted', async () => {
    const { app } = held;
    await app.post('/api/seed', { name: 'acme' });
    const save = (secret) =>
      codeOf(app.call('admin', 'save_hook', { tool: 'salesforce', secret }, PEOPLE.jonas));
    for (const secret of ['', 'short', 'fifteen letters']) assert.equal(await save(secret), 'weak_secret');
  });
});

describe('a flow that is not right', () => {
  const held = shared();
  /** The template with one thing changed. */
  const changed = (change) => {
    const document = { ...parse(SOURCE), id: 'draft' };
    change(document);
    return { source: JSON.stringify(document), document };
  };
  const wrong = {
    'an unknown operation': [(d) => (d.context.case.use = 'salesforce.case.gt'), '/context/case'],
    'an argument nobody knows': [(d) => (d.context.case.with.idd = 'x'), '/context/case'],
    'an argument missing': [(d) => (d.context.case.with = {}), '/context/case'],
    'an expression that does not end': [(d) => (d.start_if = 'case.priority == "'), '/start_if'],
    'no way out when the answer is unknown':
      [(d) => d.steps.find(({ id }) => id === 'route').switch.pop(), '/steps'],
    'a word nobody knows': [(d) => (d.trigger.one_per = ['x']), '/trigger'],
    'a step without an id': [(d) => delete d.steps[0].id, '/steps/0'],
    'no steps': [(d) => delete d.steps, ''],
  };
  for (const [what, [change, place]] of Object.entries(wrong)) {
    it(`${what}: it can be saved, but not switched on`, async () => {
      const { app } = held;
      const { problems } = await app.settings('save_flow', changed(change));
      const errors = problems.filter(({ severity }) => severity === 'error');
      assert.ok(errors.some(({ at }) => at.startsWith(place)), JSON.stringify(errors));
      for (const { at, message, hint } of errors) {
        assert.match(at, /^(\/|$)/, 'a JSON pointer');
        assert.ok(message.length > 8, message);
        assert.ok(hint.length > 3, `a hint for “${message}” at ${at}`);
      }
      const enable = { id: 'draft', enabled: true };
      const { error } = await app.call('settings', 'enable_flow', enable, PEOPLE.paula, app.project);
      assert.equal(error.code, 'invalid');
      assert.deepEqual(error.problems, problems);
      const { flows } = await app.settings('flows');
      assert.equal(flows.find(({ id }) => id === 'draft').enabled, false);
    });
  }

  it('cannot take the place of one that is on', async () => {
    const { app } = held;
    const { document, source } = changed((d) => (d.context.case.use = 'salesforce.case.gt'));
    const payload = { source, document: { ...document, id: 'premier-escalation' } };
    const { error } = await app.call('settings', 'save_flow', payload, PEOPLE.paula, app.project);
    assert.equal(error.code, 'invalid');
    const kept = await app.settings('flow', { id: 'premier-escalation' });
    assert.deepEqual([kept.version, kept.enabled, kept.source], [1, true, SOURCE]);
  });

  it('without an id, or too large, is not saved at all', async () => {
    const { app } = held;
    const save = (document, source = '') =>
      codeOf(app.call('settings', 'save_flow', { source, document }, PEOPLE.paula, app.project));
    assert.equal(await save({ ...parse(SOURCE), id: '' }), 'no_id');
    assert.equal(await save({ ...parse(SOURCE), id: 'a/b' }), 'no_id');
    assert.equal(await save(null), 'no_id');
    assert.equal(await save(parse(SOURCE), 'x'.repeat(101 * KB)), 'too_large');
  });
});

describe('somebody who may not', () => {
  const held = shared();
  const SURFACES = {
    settings: [['flows', 'flow', 'check', 'save_flow', 'enable_flow', 'nothing'],
      ['ana', 'otto', 'dana']],
    admin: [['connections', 'save_connection', 'check_connection', 'remove_connection', 'save_hook'],
      ['paula', 'dana', 'otto']],
    panel: [['panel', 'answer', 'cancel'], ['otto']],
  };
  for (const [surface, [functions, people]] of Object.entries(SURFACES)) {
    it(`uses no function of ${surface}`, async () => {
      const { app } = held;
      const place = surface === 'panel' ? app.issue : app.project;
      const had = (await app.get('/api/boundaries')).length;
      for (const name of functions) {
        for (const who of [...people.map((person) => PEOPLE[person]), undefined]) {
          const payload = { tool: 'salesforce', id: 'premier-escalation', enabled: false };
          const code = await codeOf(app.call(surface, name, payload, who, place));
          assert.equal(code, 'forbidden', `${name} by ${who}`);
        }
      }
      assert.equal((await app.get('/api/boundaries')).length, had, 'nothing was written');
      assert.equal((await app.settings('flow', { id: 'premier-escalation' })).enabled, true);
    });
  }

  it('gains nothing by what a page says of itself', async () => {
    const { app } = held;
    const ask = (surface, name, who, place) => codeOf(app.call(surface, name, {}, who, place));
    const elsewhere = { project: { key: 'SEC', id: '10002' } };
    assert.equal(await ask('settings', 'flows', PEOPLE.paula, elsewhere), 'forbidden');
    const secret = { ...elsewhere, issue: { key: 'SEC-3', id: '10508' } };
    assert.equal(await ask('panel', 'panel', PEOPLE.ana, secret), 'forbidden');
    for (const key of ['', 'PAY&projectKey=SEC', '../SEC', 'NONE']) {
      const place = { project: { key, id: '1' }, issue: { key, id: '1' } };
      assert.equal(await ask('settings', 'flows', PEOPLE.ana, place), 'forbidden', key);
    }
  });

  it('does not find a run by its id on another work item', async () => {
    const { app } = held;
    await app.escalate();
    await app.settle();
    const { id } = await app.run();
    const other = { ...app.project, issue: { key: 'PAY-87', id: '10505' } };
    const cancel = app.call('panel', 'cancel', { run: id }, PEOPLE.paula, other);
    assert.equal(await codeOf(cancel), 'not_found');
  });

  it('does not stop a run: that is for the project’s administrators', async () => {
    const { app } = held;
    const { id } = await app.run();
    for (const who of ['dana', 'ana']) {
      const cancel = app.call('panel', 'cancel', { run: id }, PEOPLE[who], app.issue);
      assert.equal(await codeOf(cancel), 'forbidden');
    }
    assert.equal((await app.run()).state, 'waiting_outside');
  });
});

describe('an answer', { concurrency: 2 }, () => {
  const answering = (app, run, card) => (who, changed = {}) => app.call('panel', 'answer', {
    run: run.id, effect: card.effect, payload_hash: card.payload_hash, answer: 'approve', ...changed,
  }, PEOPLE[who], app.issue);
  const replies = async (app) => census(await app.world()).reply;

  it('counts only from who was asked, and only for what was shown', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    const answer = answering(app, run, card);
    for (const who of ['ana', 'paula', 'jonas']) assert.equal(await codeOf(answer(who)), 'not_yours');
    const refused = async (changed) => codeOf(answer('dana', changed));
    assert.equal(await refused({ payload_hash: '0'.repeat(64) }), 'changed_meanwhile');
    assert.equal(await refused({ effect: `${run.id}/update/1` }), 'not_asked');
    assert.equal(await refused({ run: 'tt-aaaaaaaaaaaa' }), 'not_found');
    assert.equal(await refused({ answer: 'perhaps' }), 'unknown_function');
    assert.equal(await refused({ answer: 'reject' }), 'bad_request');
    assert.equal(await refused({ payload_hash: undefined }), 'bad_request');
    await app.settle();
    assert.equal(await replies(app), 0);
    assert.deepEqual((await app.run()).approvals.map(({ effect }) => effect), [card.effect]);
    assert.deepEqual(wrongWith(await approved(app, { run, card })), []);
    assert.equal(await refused({}), 'not_asked');
    assert.equal(await replies(app), 1);
  });

  it('given twice at once has one effect', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    const answer = answering(app, run, card);
    await Promise.all([answer('dana'), answer('dana'), answer('dana')]);
    await app.quiet();
    assert.equal((await app.run()).state, 'completed');
    assert.equal(await replies(app), 1);
  });

  it('of yes and no at once is one of the two', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    const answer = answering(app, run, card);
    await Promise.all([answer('dana'), answer('dana', { answer: 'reject', reason: 'not yet' })]);
    await app.quiet();
    const { state, timeline } = await app.run();
    const said = timeline.filter(({ kind, text }) => kind === 'person' && /approved|rejected/.test(text));
    assert.equal(said.length, 1);
    assert.equal(await replies(app), said[0].text.includes('approved') ? 1 : 0);
    assert.notEqual(state, 'running');
  });

  it('of no is the end of it, with the reason', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    const reason = 'The customer was told by phone.';
    const { ok } = await answering(app, run, card)('dana', { answer: 'reject', reason });
    assert.deepEqual(ok.approvals, []);
    await app.quiet();
    const over = await app.run();
    assert.equal(await replies(app), 0);
    assert.ok(over.state !== 'completed' && over.ended_at, over.state);
    assert.ok(over.timeline.some(({ detail }) => detail.includes(reason)));
  });

  it('to a case that changed since is asked for again', async (t) => {
    const app = await stage(t);
    const asked = await untilAsked(app);
    await app.post('/api/clock/advance', { by_ms: 60_000 });
    await app.act('edit-case');
    await app.approve(asked.run, asked.card);
    await app.quiet();
    assert.equal(await replies(app), 0, 'nothing left');
    const run = await app.run();
    const [card] = run.approvals;
    assert.ok(card?.asked_again, 'it is asked again, and says why');
    await approved(app, { run, card });
    assert.equal(await replies(app), 1);
  });
});

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
    tool: 'model', method: 'POST', path: 'completions', effect: 'status', status: 200, times,
    body: {
      id: 'x', object: 'chat.completion', created: 1, model: 'offline-scripted-model',
      choices: [{
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      }],
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
    'that names a work item nobody found':
      [told({ relation: { kind: 'duplicate_of', key: 'PAY-1' } }), /relation\.key/],
    'with a quote that is nowhere':
      [quoting({ sourceId: 'known', quote: 'gateway melts' }), /gateway melts` is not in/],
    'with too little evidence': [told({ evidence: GOOD.evidence.slice(0, 1) }), /evidence/],
    'with one quote twice': [quoting(GOOD.evidence[0]), /given twice/],
    'with a quote of a fact nobody has':
      [quoting({ sourceId: 'weather', quote: 'rain all day' }), /sourceId.*weather/],
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
});

describe('a run that is stopped', { concurrency: 2 }, () => {
  const stop = (app, run) =>
    app.panel('cancel', { run: run.id, reason: 'a false alarm' }, PEOPLE.paula);
  const writes = async (app) =>
    (await app.get('/api/boundaries')).filter((name) => !/ (kvs|queue)\./.test(name));
  const DAY = 24 * 3_600_000;

  /** Everything that could still wake it happens; nothing more may leave. */
  async function staysStopped(app) {
    const left = await writes(app);
    await app.post('/api/clock/advance', { by_ms: DAY });
    assert.deepEqual(await writes(app), left, 'nothing left after it');
    const { state, reason, approvals } = await app.run();
    assert.deepEqual([state, approvals], ['cancelled', []]);
    assert.match(reason, /Paula Lindt.*a false alarm/);
    assert.equal(census(await app.world()).reply, 0);
  }

  it('while it waits for the outside', async (t) => {
    const app = await stage(t);
    await app.escalate();
    await app.settle();
    const run = await app.run();
    assert.equal(run.state, 'waiting_outside');
    assert.equal((await stop(app, run)).state, 'cancelled');
    await app.settle();
    await staysStopped(app);
    const again = app.call('panel', 'cancel', { run: run.id }, PEOPLE.paula, app.issue);
    assert.equal(await codeOf(again), 'over');
  });

  it('while somebody is asked: the answer comes too late', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    await stop(app, run);
    // Said before the run has heard of the stop, and again after it has.
    await app.approve(run, card);
    await app.settle();
    await assert.rejects(app.approve(run, card), /not_asked/);
    await staysStopped(app);
  });

  it('in the middle of its work', async (t) => {
    const app = await stage(t);
    const heard = firstHint(app);
    await app.escalate();
    await stop(app, { id: (await heard).run });
    await app.settle();
    await staysStopped(app);
  });
});

/** Resolves with the first hint to a panel: the run has found its work item and is at work. */
async function firstHint(app) {
  const stopped = new AbortController();
  const { body } = await fetch(`${app.base}/api/events`, { signal: stopped.signal });
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, data] = /event: realtime\ndata: (.*)\n/.exec(text) ?? [];
    if (data) {
      stopped.abort();
      return JSON.parse(data).payload;
    }
  }
  throw new Error('the platform ended before it told anything');
}
