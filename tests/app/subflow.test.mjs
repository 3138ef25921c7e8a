// A flow that runs another one as a step, and flows that tell each other what happened, through the
// real packages.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { START } from '../../scripts/story/main.mjs';
import { UPDATED, change, draw, pass, runsOf } from './flows.mjs';
import { ROOT, launch, open, ownState, stage } from './stage.mjs';

const Database = createRequire(`${ROOT}tests/platform/package.json`)('libsql');
const DAY_MS = 86_400_000;

const trigger = { event: UPDATED, once_per: ['issue.key', 'timestamp'] };
const say = (id, text) => ({
  id,
  call: 'slack.message.post',
  with: { channel: 'C-ESC', text },
});
const notify = {
  id: 'notify-customers',
  trigger: { run: { issue: { type: 'text', required: true }, wait: { type: 'boolean' } } },
  steps: [{ id: 'rest', wait: '10m' }, say('told', 'customers of ${trigger.issue} know')],
  output: { channel: '${told.channel}' },
};
const parent = (input) => ({
  id: 'parent',
  trigger,
  subject: 'trigger.issue.key',
  steps: [
    { id: 'notify', run: { flow: 'notify-customers', with: input, within: '2h' } },
    say('done', 'told them in ${notify.channel}'),
  ],
});

const texts = async (app) =>
  (await app.world()).slack.channels['C-ESC'].messages
    .filter(({ bot_id: bot }) => bot)
    .map(({ text }) => text);
const ends = async (app, id) =>
  (await runsOf(app, id)).map(({ state, reason }) => `${state}: ${reason}`);
const WELL = ['completed: everything was done'];

it('a run starts another, waits for its end, and goes on with what it brought', async (t) => {
  const app = await stage(t);
  await draw(app, notify);
  await draw(app, parent({ issue: '${trigger.issue.key}' }));
  await app.post('/api/queue', { duplicates: 1, reorder: true, seed: '7' });
  await change(app, 'PAY-88', 1);
  await app.settle();
  const [waiting] = await runsOf(app, 'parent');
  assert.equal(waiting.state, 'waiting_outside', waiting.reason);
  await pass(app, 10 * 60_000 + 1_000);
  await app.quiet();
  assert.deepEqual([await ends(app, 'parent'), await ends(app, 'notify-customers')], [WELL, WELL]);
  assert.deepEqual(await texts(app), ['customers of PAY-88 know', 'told them in C-ESC']);
});

it('a run that is stopped stops those it waits for, and these theirs', async (t) => {
  const app = await stage(t);
  await draw(app, notify);
  await draw(app, {
    id: 'between',
    trigger: { run: { issue: { type: 'text', required: true } } },
    steps: [
      {
        id: 'notify',
        run: { flow: 'notify-customers', with: { issue: '${trigger.issue}' }, within: '2h' },
      },
    ],
  });
  const top = parent({ issue: '${trigger.issue.key}' });
  await draw(app, {
    ...top,
    steps: [
      { id: 'notify', run: { ...top.steps[0].run, flow: 'between' } },
      say('done', 'told them'),
    ],
  });
  await change(app, 'PAY-88', 1);
  await app.settle();
  const ids = ['parent', 'between', 'notify-customers'];
  for (const id of ids) assert.equal((await runsOf(app, id))[0]?.state, 'waiting_outside', id);
  const [{ id: run }] = await runsOf(app, 'parent');
  await app.panel('cancel', { run, reason: 'a false alarm' }, PEOPLE.paula);
  await app.settle();
  for (const id of ids) assert.match((await ends(app, id))[0], /^cancelled: stopped by /, id);
  await pass(app, 10 * 60_000 + 1_000);
  await app.quiet();
  assert.deepEqual(await texts(app), []);
});

/** Both flows, and an event that starts the one that runs the other. */
async function begin(app) {
  await draw(app, notify);
  await draw(app, parent({ issue: '${trigger.issue.key}' }));
  await change(app, 'PAY-88', 1);
  await app.settle();
}

describe('a run that is stopped stops what it may have started', () => {
  // How many runs of the other flow there are when the platform dies: its row is written, or not.
  for (const [when, began] of [
    ['before', 0],
    ['after', 1],
  ]) {
    it(`its worker died ${when} the other was there`, async (t) => {
      const usual = await stage(t);
      await begin(usual);
      const [{ id: run }] = await runsOf(usual, 'parent');
      const [{ id: child }] = await runsOf(usual, 'notify-customers');
      const state = await ownState();
      const at = `${when} kvs.transaction ${child} site #1`;
      const mortal = await launch(state, { TUTTI_CRASH_AT: at });
      await assert.rejects(begin(mortal.app));
      assert.equal(await mortal.ended, 'SIGKILL');
      const { app, stop } = await open(state);
      t.after(stop);
      await app.panel('cancel', { run, reason: 'a false alarm' }, PEOPLE.paula);
      await app.quiet();
      assert.match((await ends(app, 'parent'))[0], /^cancelled: stopped by Paula/);
      const others = await runsOf(app, 'notify-customers');
      assert.deepEqual(
        others.map(({ state }) => state),
        Array(began).fill('cancelled'),
      );
      const { timeline } = await app.run(PEOPLE.paula);
      assert.ok(timeline.some(({ text }) => /^Told .* to stop, if it began$/.test(text)));
      assert.deepEqual(await texts(app), []);
    });
  }
});

it('a run that is stopped before it is started does nothing', async (t) => {
  const app = await stage(t);
  await draw(app, notify);
  const top = parent({ issue: '${trigger.issue.key}' });
  const withdraw = (id, of) => ({
    id,
    call: 'tutti.run.cancel',
    with: { run: { flow: 'notify-customers', started_by: `${of}/notify_start/1` } },
    catch: [{ on: ['rejected'], gap: 'what another run started is not this one’s to stop' }],
  });
  const steps = [withdraw('own', '${run.id}'), withdraw('foreign', 'tt-another'), ...top.steps];
  await draw(app, { ...top, steps });
  await change(app, 'PAY-88', 1);
  for (const step of ['own', 'foreign']) {
    await app.settle();
    const run = await app.run(PEOPLE.paula);
    const [card] = run.approvals;
    assert.equal(card?.step, step);
    await app.approve(run, card, PEOPLE.paula);
  }
  await app.quiet();
  assert.match((await ends(app, 'notify-customers'))[0], /^cancelled: stopped by parent/);
  assert.match((await ends(app, 'parent'))[0], /^failed: .*did not do it/);
  const { timeline } = await app.run(PEOPLE.paula);
  assert.ok(timeline.some(({ adapted }) => adapted?.includes('a `started_by` of one')));
  assert.deepEqual(await texts(app), []);
});

it('what the flow does not take, or that it is not there, fails the step', async (t) => {
  const app = await stage(t);
  await draw(app, parent({ issue: '${trigger.issue.key}', sort: 'loud' }));
  await change(app, 'PAY-88', 1);
  await app.quiet();
  await draw(app, notify);
  await change(app, 'PAY-88', 2);
  await app.quiet();
  const [first, second] = await ends(app, 'parent');
  assert.match(first, /failed: .*no flow `notify-customers`/);
  assert.match(second, /failed: .*it takes no `sort`/);
});

it('nothing of a flow that is stopped starts as a step, and the step says so', async (t) => {
  const app = await stage(t);
  await draw(app, notify);
  await draw(app, parent({ issue: '${trigger.issue.key}' }));
  await app.settings('stop_flow', { id: 'notify-customers', stopped: true });
  await change(app, 'PAY-88', 1);
  await app.quiet();
  assert.deepEqual(await ends(app, 'notify-customers'), []);
  const [end] = await ends(app, 'parent');
  assert.match(end, /^failed: .*`notify-customers` is stopped/);
});

it('flows that lead back to each other cannot all be switched on', async (t) => {
  const app = await stage(t);
  const runs = (id, flow) => ({
    id,
    trigger: { run: {} },
    steps: [{ id: 'told', run: { flow, within: '2h' } }],
  });
  const refused = async (name, payload) => {
    const { error } = await app.call('settings', name, payload, PEOPLE.paula, app.project);
    const problem = error?.problems.find(({ code }) => code === 'runs_itself');
    return [error?.code, problem?.at, problem?.message.replace(/.*: /, '')];
  };
  const document = (id, flow) => ({ name: id, ...runs(id, flow) });
  await draw(app, runs('first', 'second'));
  await draw(app, runs('second', 'third'));
  const third = document('third', 'first');
  await app.settings('save_flow', { source: JSON.stringify(third), document: third });
  const at = '/steps/0/run/flow';
  const circle = '`third` runs `first` runs `second` runs `third`';
  const enable = { id: 'third', enabled: true };
  assert.deepEqual(await refused('enable_flow', enable), ['invalid', at, circle]);
  // Nor can one that is on be changed so that it leads back.
  const second = document('second', 'first');
  const save = { source: JSON.stringify(second), document: second };
  const shorter = '`second` runs `first` runs `second`';
  assert.deepEqual(await refused('save_flow', save), ['invalid', at, shorter]);
});

/** Waits until three of the tea are reserved, and looks when it is told of it. */
const waits = {
  id: 'waits',
  trigger,
  steps: [
    {
      id: 'restocked',
      listen: {
        to: [{ event: 'shop.restocked', key: 'tea' }],
        read: { held: { use: 'tutti.reservation.get', with: { of: 'tea' } } },
        until: 'held.reserved == 3.0',
        within: '2h',
      },
    },
  ],
};
/** Reserves three of the tea, and tells of it. */
const tells = {
  id: 'tells',
  trigger: { event: 'avi:jira:commented:issue', once_per: ['issue.key', 'timestamp'] },
  steps: [
    { id: 'held', call: 'tutti.reservation.take', with: { of: 'tea', amount: 3 } },
    { id: 'tell', emit: { event: 'shop.restocked', key: 'tea', with: { count: 3 } } },
  ],
};

it('a flow wakes those that wait for what it tells, and starts those it triggers', async (t) => {
  const app = await stage(t);
  await draw(app, waits);
  await draw(app, {
    id: 'starts',
    trigger: { event: 'tutti:shop.restocked', once_per: ['id'] },
    steps: [say('told', '${trigger.key} is back: ${trigger.payload.count}')],
  });
  await draw(app, tells);
  await change(app, 'PAY-1', 1);
  await app.settle();
  await change(app, 'PAY-1', 2, { event: 'avi:jira:commented:issue' });
  await app.quiet();
  for (const id of ['tells', 'waits', 'starts']) assert.deepEqual(await ends(app, id), WELL, id);
  assert.deepEqual(await texts(app), ['tea is back: 3']);
});

it('a run that waits no more is not told, and what it waited for is forgotten', async (t) => {
  const state = await ownState();
  const { app, stop } = await open(state);
  t.after(stop);
  await draw(app, waits);
  await draw(app, { ...tells, steps: [...tells.steps, say('said', '${tell.heard} heard it')] });
  const topics = () => {
    const db = new Database(state, { readonly: true });
    const rows = db.prepare("SELECT expires_at FROM record WHERE entity = 'listen'").all();
    db.close();
    return rows.map((row) => Math.round((row.expires_at - Date.parse(START)) / DAY_MS));
  };
  await change(app, 'PAY-1', 1);
  await app.settle();
  for (const [at, left] of [[2, [365]], [3, []]]) {
    await change(app, 'PAY-1', at, { event: 'avi:jira:commented:issue' });
    await app.quiet();
    assert.deepEqual(topics(), left, `after ${at}`);
  }
  assert.deepEqual(await texts(app), ['1 heard it', '0 heard it']);
  assert.deepEqual(await ends(app, 'waits'), WELL);
});

it('flows that tell each other in a circle end, and the last of them says why', async (t) => {
  const app = await stage(t);
  const answer = (id, heard, tells) => ({
    id,
    trigger: { event: `tutti:ball.${heard}`, once_per: ['id'] },
    steps: [{ id: 'back', emit: { event: `ball.${tells}`, key: 'ball' } }],
  });
  await draw(app, answer('ping', 'ping', 'pong'));
  await draw(app, answer('pong', 'pong', 'ping'));
  await draw(app, { id: 'serve', trigger, steps: answer('', '', 'ping').steps });
  await change(app, 'PAY-1', 1);
  for (let n = 0; n < 12; n++) await pass(app, 1_000);
  await app.quiet();
  assert.deepEqual(await ends(app, 'ping'), [...WELL, ...WELL, ...WELL, ...WELL]);
  const [last, ...more] = (await ends(app, 'pong')).reverse();
  assert.deepEqual(more, [...WELL, ...WELL, ...WELL]);
  assert.match(last, /^failed: .*8 runs lead to `ping` already/);
});
