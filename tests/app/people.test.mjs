// What only people can do: answer, decide how a stuck call goes on, hold a run, recall, take back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import {
  CASE,
  ONCE,
  approved,
  breakTool,
  census,
  codeOf,
  onlyFlow,
  stage,
  untilAsked,
  wrongWith,
} from './stage.mjs';

/** Something about a run, in the name of a person: the answer as a page gets it. */
const say = (app, run, who, name, payload = {}) =>
  app.call('panel', name, { run: run.id, ...payload }, PEOPLE[who], app.issue);
/** The same, where it must be taken. */
const said = async (...what) => {
  const { ok, error } = await say(...what);
  assert.ok(ok, JSON.stringify(error));
  return ok;
};
const lines = ({ timeline }) => timeline.map(({ text }) => text);

describe('a question', { concurrency: 2 }, () => {
  it('is answered once, by who is asked, in the shape that was asked for', async (t) => {
    const app = await stage(t);
    await onlyFlow(app, 'ask-first');
    await app.escalate();
    await app.settle();
    const run = await app.run();
    const [asked] = run.questions;
    assert.equal(asked.question, `Where does case ${CASE} fail?`);
    assert.ok(asked.mine && asked.until);
    const reply = (who, answer, question = asked.id) =>
      say(app, run, who, 'reply', { question, answer });
    const good = { environment: 'production' };
    assert.equal(await codeOf(reply('paula', good)), 'not_yours');
    assert.equal(await codeOf(reply('dana', good, 'another')), 'not_asked');
    const { error } = await reply('dana', { environment: 'moon', words: 'x'.repeat(81) });
    assert.equal(error.code, 'bad_answer');
    assert.deepEqual(error.problems.map(({ at }) => at).sort(), ['/environment', '/words']);
    await Promise.all([reply('dana', good), reply('dana', good)]);
    await app.settle();
    assert.equal((await app.run()).state, 'completed');
    const { comments } = (await app.world()).jira.issues['PAY-88'];
    assert.equal(comments.length, 1);
    assert.match(JSON.stringify(comments[0].body), /It fails in production\./);
    assert.equal(await codeOf(reply('dana', good)), 'not_asked');
  });
});

describe('credentials that are refused for good', () => {
  it('make the run ask, and it goes on by itself once they are renewed', async (t) => {
    const app = await stage(t);
    const refused = { tool: 'salesforce', method: 'PATCH', path: '/sobjects/Case' };
    await breakTool(app, { ...refused, effect: 'unauthorized', times: null });
    await app.escalate();
    await app.settle();
    const run = await app.run();
    assert.deepEqual([run.state, run.reason], ['waiting_person', 'reconnect Salesforce']);
    assert.equal(run.strip.find(({ step }) => step === 'spread').state, 'waiting');
    const [asked] = run.questions;
    assert.deepEqual(
      asked.ways.map(({ way }) => way),
      ['again', 'without', 'stop'],
    );
    const resolve = (who, way) => say(app, run, who, 'resolve', { question: asked.id, way });
    assert.equal(await codeOf(resolve('ana', 'again')), 'not_yours');
    assert.equal(await codeOf(resolve('dana', 'happened')), 'no_such_way');
    assert.equal(await codeOf(resolve('dana', 'somehow')), 'bad_request');
    const { escalated, link, tell } = census(await app.world());
    assert.deepEqual({ escalated, link, tell }, { escalated: 0, link: 1, tell: 1 });

    await fetch(`${app.base}/api/faults`, { method: 'DELETE' });
    const { salesforce: values } = await app.get('/api/tools/credentials');
    await app.admin('save_connection', { tool: 'salesforce', values });
    await app.settle();
    const now = await app.run();
    assert.deepEqual(now.questions, []);
    assert.ok(lines(now).some((text) => /^Jonas .* reconnected Salesforce$/.test(text)));
    await app.quiet();
    const waiting = await app.run();
    const story = await approved(app, { run: waiting, card: waiting.approvals[0] });
    const firstTry = `${run.id}/escalated/1 is failed`;
    assert.deepEqual(wrongWith(story), [firstTry], 'the timeline tells both tries');
  });
});

describe('a run that is held', () => {
  it('does nothing until it goes on, as often as somebody wants', async (t) => {
    const app = await stage(t);
    await app.escalate();
    await app.settle();
    const run = await app.run();
    const control = (name, who = 'paula') => say(app, run, who, name, { reason: 'the customer calls' });
    assert.equal(await codeOf(control('pause', 'dana')), 'forbidden');
    assert.equal(await codeOf(control('resume')), 'not_paused');
    const outside = async () =>
      (await app.get('/api/boundaries')).filter((name) => !/ (kvs|queue)\./.test(name));

    await Promise.all([control('pause'), control('pause')]);
    await app.settle();
    const left = await outside();
    await app.quiet();
    assert.deepEqual(await outside(), left, 'the fix came, and it did not even look');
    const held = await app.run();
    assert.deepEqual([held.state, held.brakes], ['held', ['pause']]);
    assert.match(held.reason, /^paused by Paula Lindt: the customer calls$/);
    assert.equal(lines(held).filter((text) => text === 'Paula Lindt paused it').length, 1);
    assert.equal(await codeOf(control('pause')), 'paused');

    await said(app, run, 'paula', 'resume');
    await app.settle();
    await app.quiet();
    const asking = await app.run();
    assert.equal(asking.approvals.length, 1);
    assert.equal((await control('pause')).ok.state, 'held', 'the same wish later is a new one');
    await app.settle();
    await app.approve(asking, asking.approvals[0]);
    await app.settle();
    assert.equal((await app.run()).state, 'held');
    await said(app, run, 'paula', 'resume');
    await app.quiet();
    assert.equal((await app.run()).state, 'completed');
    assert.deepEqual(census(await app.world()), ONCE);
  });
});

describe('a reply that was approved', () => {
  it('can be recalled before it leaves', async (t) => {
    const app = await stage(t);
    const { run, card } = await untilAsked(app);
    await app.approve(run, card);
    await app.settle();
    const waiting = await app.run();
    assert.equal(waiting.state, 'waiting_outside');
    const [asked] = waiting.questions;
    const { now } = await app.get('/api/clock');
    assert.ok(asked.until - now > 9 * 60_000 && asked.until - now <= 10 * 60_000);
    const recall = { question: asked.id, way: 'recall', reason: 'she called' };
    assert.equal(await codeOf(say(app, run, 'ana', 'resolve', recall)), 'not_yours');
    await said(app, run, 'dana', 'resolve', recall);
    await app.quiet();
    const over = await app.run();
    assert.deepEqual([over.state, census(await app.world()).reply], ['failed', 0]);
    assert.match(over.reason, /Dana Reyes recalled it: she called/);
  });
});

describe('a run that failed', () => {
  it('hands off what a person needs, and is run once more from a step', async (t) => {
    const app = await stage(t);
    await onlyFlow(app, 'write-on-bug');
    const comment = { tool: 'jira', method: 'POST', path: '/comment' };
    await breakTool(app, { ...comment, effect: 'status', status: 400, body: {} });
    await app.escalate();
    await app.settle();
    const run = await app.run();
    assert.equal(run.state, 'failed');
    const { hand_off: packet } = run;
    assert.deepEqual(packet.done.map(({ title, undo }) => [title, undo.state]), [
      ['Link the case', 'possible'],
    ]);
    assert.deepEqual(packet.missing, ['Keep who is affected']);
    assert.ok(packet.known.some(({ fact }) => fact === 'trigger'));
    assert.match(packet.suggestion, /run it once more from there/);
    const written = (of) => of.beginnings.map(({ step, writes }) => [step, writes]);
    assert.deepEqual(written(run), [['link', ['Link the case']], ['comment', []]]);

    const rerun = (who, step = 'comment', more = {}) =>
      say(app, run, who, 'rerun', { step, reason: 'mended', ...more });
    assert.equal(await codeOf(rerun('dana')), 'forbidden');
    assert.equal(await codeOf(rerun('otto')), 'forbidden');
    for (const step of ['keep', 'nothing', '']) {
      assert.equal(await codeOf(rerun('paula', step)), 'no_such_beginning', step);
    }
    assert.equal(await codeOf(rerun('paula', 7)), 'bad_request');
    assert.equal(await codeOf(rerun('paula', 'comment', { run: 'tt-none' })), 'not_found');
    const reason = 'x'.repeat(1_001);
    assert.equal(await codeOf(rerun('paula', 'comment', { reason })), 'too_long');

    await Promise.all([rerun('paula'), rerun('paula')]);
    await app.settle();
    const now = await app.run();
    assert.deepEqual([now.state, now.hand_off], ['completed', null]);
    const again = lines(now).filter((text) => /^Paula Lindt ran it once more/.test(text));
    assert.deepEqual(again, ['Paula Lindt ran it once more from “Comment on the bug” on']);
    const { remoteLinks, comments } = (await app.world()).jira.issues['PAY-88'];
    assert.deepEqual([remoteLinks.length, comments.length], [1, 1], 'what was done before stays');
    assert.deepEqual(written(now), [
      ['link', ['Link the case']],
      ['comment', ['Comment on the bug']],
      ['keep', ['Keep who is affected']],
    ]);
  });

  it('cannot be run once more before it is over', async (t) => {
    const app = await stage(t);
    await onlyFlow(app, 'ask-first');
    await app.escalate();
    await app.settle();
    const run = await app.run();
    assert.deepEqual(run.beginnings, []);
    assert.equal(await codeOf(say(app, run, 'paula', 'rerun', { step: 'place' })), 'not_over');
  });
});

/** What of the world the run changed, and undoing it must bring back. */
function touched({ jira, gitlab, slack, salesforce, confluence }) {
  const issue = jira.issues['PAY-88'];
  const { Status, Jira_Key__c: key } = salesforce.cases[CASE];
  const { labels, notes } = gitlab.mergeRequests['913'];
  return {
    issue: [issue.remoteLinks, issue.comments, issue.priority, issue.properties['tutti.customers']],
    merge: [labels, notes.filter(({ system }) => !system)],
    messages: slack.channels['C-ESC'].messages,
    case: [Status, key ?? null],
    page: JSON.parse(confluence.pages['7001'].body.value),
  };
}

describe('a run that was stopped', () => {
  it('can be undone, all but what somebody has changed since', async (t) => {
    const app = await stage(t);
    const before = touched(await app.world());
    const { run } = await untilAsked(app);
    const undo = (who, effects = []) => say(app, run, who, 'undo', { effects, reason: 'wrong case' });
    assert.equal(await codeOf(undo('paula')), 'not_over');
    await said(app, run, 'paula', 'cancel', { reason: 'the customer is told by phone' });
    await app.settle();
    await app.act('change-priority');
    assert.equal(await codeOf(undo('dana')), 'forbidden');
    assert.equal(await codeOf(undo('paula', ['nothing/like/this'])), 'nothing_to_undo');
    await Promise.all([undo('paula'), undo('paula')]);
    await app.quiet();

    const undone = await app.run();
    assert.equal(undone.state, 'cancelled');
    const undos = Object.fromEntries(
      undone.timeline.filter(({ did }) => did?.undo).map(({ step, did }) => [step, did.undo]),
    );
    const { raise, ...others } = undos;
    assert.deepEqual(new Set(Object.values(others).map(({ state }) => state)), new Set(['done']));
    assert.match(raise.why, /somebody changed `priority` since/);
    const { issue, ...rest } = touched(await app.world());
    assert.deepEqual(issue[2], 'Low', 'what Ben did stays');
    assert.deepEqual({ issue: issue.with(2, before.issue[2]), ...rest }, before);
    assert.equal(lines(undone).filter((text) => /^Paula Lindt undid/.test(text)).length, 1);

    // Once it is as the run left it, that can be taken back, too.
    await app.act('change-priority', { priority: 'Highest' });
    await undo('paula', [`${run.id}/raise/1`]);
    await app.quiet();
    assert.deepEqual(touched(await app.world()), before);
    assert.equal(await codeOf(undo('paula')), 'nothing_to_undo');
  });
});
