// What people say to a run: yes, no, stop. It counts once, from who was asked, for what was shown.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { approved, census, codeOf, stage, untilAsked, wrongWith } from './stage.mjs';

describe('an answer', { concurrency: 2 }, () => {
  const answering =
    (app, run, card) =>
    (who, changed = {}) =>
      app.call(
        'panel',
        'answer',
        {
          run: run.id,
          effect: card.effect,
          payload_hash: card.payload_hash,
          answer: 'approve',
          ...changed,
        },
        PEOPLE[who],
        app.issue,
      );
  const replies = async (app) => census(await app.world()).reply;

  it('counts only from who was asked, and only for what was shown', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    const answer = answering(app, run, card);
    for (const who of ['ana', 'paula', 'jonas'])
      assert.equal(await codeOf(answer(who)), 'not_yours');
    const refused = async (changed) => codeOf(answer('dana', changed));
    assert.equal(await refused({ payload_hash: '0'.repeat(64) }), 'changed_meanwhile');
    assert.equal(await refused({ effect: `${run.id}/update/1` }), 'not_asked');
    assert.equal(await refused({ run: 'tt-aaaaaaaaaaaa' }), 'not_found');
    assert.equal(await refused({ answer: 'perhaps' }), 'unknown_function');
    assert.equal(await refused({ answer: 'reject' }), 'bad_request');
    assert.equal(await refused({ payload_hash: undefined }), 'bad_request');
    await app.settle();
    assert.equal(await replies(app), 0);
    assert.deepEqual(
      (await app.run()).approvals.map(({ effect }) => effect),
      [card.effect],
    );
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
    const said = timeline.filter(
      ({ kind, text }) => kind === 'person' && /approved|rejected/.test(text),
    );
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

describe('a run that is stopped', { concurrency: 2 }, () => {
  const stop = (app, run) =>
    app.panel('cancel', { run: run.id, reason: 'a false alarm' }, PEOPLE.paula);
  const writes = async (app) =>
    (await app.get('/api/boundaries')).filter((name) => !/ (kvs|queue)\./.test(name));
  const HOURS = 6 * 3_600_000;

  /** Everything that could still wake it happens; nothing more may leave. */
  async function staysStopped(app) {
    const left = await writes(app);
    await app.post('/api/clock/advance', { by_ms: HOURS });
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
    // Said before the run has heard of the stop, or when it just has, and again after it.
    await app.approve(run, card).catch(({ message }) => assert.match(message, /not_asked/));
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
