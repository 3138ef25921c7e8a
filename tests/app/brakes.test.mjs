// What keeps things from leaving: stop switches for a flow, a project and the site, and the
// breaker of a connection that does not answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { tell } from '../../scripts/story/tell.mjs';
import { UPDATED, change, draw, flowRow, pass, runsOf } from './flows.mjs';
import { breakTool, census, codeOf, stage, untilAsked, wrongWith } from './stage.mjs';

const quietly = {
  trigger: { event: UPDATED, once_per: ['issue.key', 'timestamp'] },
  subject: 'trigger.issue.key',
};
const say = { id: 'say', call: 'slack.message.post', with: { channel: 'C-ESC', text: 'Hello.' } };
const told = async (app) =>
  (await app.world()).slack.channels['C-ESC'].messages.filter(({ bot_id: bot }) => bot).length;

/** What puts runs in the queue. */
const QUEUE = { tool: 'forge', path: '^queue /webhook/queue/publish' };

describe('what a person says', { concurrency: 2 }, () => {
  /** The queue takes nothing of what follows; some minutes later the sweep looks. */
  async function unheard(app, say) {
    await breakTool(app, { ...QUEUE, effect: 'drop_before' });
    await say();
    await app.settle();
    assert.equal((await app.get('/api/faults')).at(-1).hits, 1, 'the queue was asked');
    await pass(app, 300_000);
  }
  const paused = { id: 'later', ...quietly, steps: [{ id: 'rest', wait: '10m' }, say] };
  const state = async (app, id) => (await runsOf(app, id))[0].state;

  it('counts though the queue does not bring it: yes', async (t) => {
    const app = await stage(t);
    await draw(app, { id: 'asks', ...quietly, steps: [{ ...say, autonomy: 'approve' }] });
    await change(app, 'PAY-88', 1);
    await app.settle();
    const run = await app.run(PEOPLE.paula);
    const { effect, payload_hash: hash } = run.approvals[0];
    const answer = { run: run.id, effect, payload_hash: hash, answer: 'approve' };
    await unheard(app, () => app.panel('answer', answer, PEOPLE.paula));
    assert.deepEqual([await state(app, 'asks'), await told(app)], ['completed', 1]);
  });

  it('counts though the queue does not bring it: pause, and go on', async (t) => {
    const app = await stage(t);
    await draw(app, paused);
    await change(app, 'PAY-88', 1);
    await app.settle();
    const [{ id: run }] = await runsOf(app, 'later');
    await unheard(app, () => app.panel('pause', { run, reason: 'wait' }, PEOPLE.paula));
    await pass(app, 900_000);
    assert.deepEqual([await state(app, 'later'), await told(app)], ['held', 0]);
    await unheard(app, () => app.panel('resume', { run }, PEOPLE.paula));
    assert.deepEqual([await state(app, 'later'), await told(app)], ['completed', 1]);
  });

  it('counts though the queue does not bring it: take it back, of a run that is over', async (t) => {
    const app = await stage(t);
    await draw(app, { id: 'says', ...quietly, steps: [say] });
    await change(app, 'PAY-88', 1);
    await app.quiet();
    const [{ id: run }] = await runsOf(app, 'says');
    await unheard(app, () => app.panel('undo', { run, effects: [], reason: 'no' }, PEOPLE.paula));
    assert.deepEqual([await state(app, 'says'), await told(app)], ['completed', 0]);
  });
});

describe('a stop', { concurrency: 2 }, () => {
  const later = { id: 'later', ...quietly, steps: [{ id: 'rest', wait: '10m' }, say] };

  for (const [reach, press] of [
    ['a flow', (app, stopped) => app.settings('stop_flow', { id: 'later', stopped })],
    ['a project', (app, stopped) => app.settings('stop_project', { stopped })],
    ['the site', (app, stopped) => app.admin('stop_site', { stopped })],
  ]) {
    it(`of ${reach} holds what waits, starts nothing, and lets go on where it was`, async (t) => {
      const app = await stage(t);
      await draw(app, later);
      await change(app, 'PAY-88', 1);
      await app.settle();
      await press(app, true);
      await app.settle();
      const [held] = await runsOf(app, 'later');
      assert.equal(held.state, 'held');
      assert.match(held.reason, /Paula|Jonas/);
      const { stopped } = await app.panel('panel');
      assert.match(stopped.by, /Paula|Jonas/);
      await change(app, 'PAY-88', 2);
      await pass(app, 3_600_000);
      assert.equal((await runsOf(app, 'later')).length, 1, 'no new run');
      assert.equal(await told(app), 0, 'its time came and nothing left');
      await press(app, false);
      await app.settle();
      assert.equal((await app.panel('panel')).stopped, null);
      await app.quiet();
      const [run] = await runsOf(app, 'later');
      assert.deepEqual([run.state, await told(app)], ['completed', 1]);
    });
  }

  it('keeps what is taken back of a run that is over from leaving until it is lifted', async (t) => {
    const app = await stage(t);
    await draw(app, { id: 'says', ...quietly, steps: [say] });
    await change(app, 'PAY-88', 1);
    await app.quiet();
    const stop = (stopped) => app.settings('stop_flow', { id: 'says', stopped });
    await stop(true);
    await app.settle();
    const [{ id: run }] = await runsOf(app, 'says');
    await app.panel('undo', { run, effects: [], reason: 'too early' }, PEOPLE.paula);
    await app.quiet();
    const state = async () => (await runsOf(app, 'says'))[0].state;
    assert.deepEqual([await state(), await told(app)], ['held', 1], 'nothing was taken back');
    await stop(false);
    await app.quiet();
    assert.deepEqual([await state(), await told(app)], ['completed', 0]);
  });

  it('keeps what a person approves from leaving until it is lifted', async (t) => {
    const app = await stage(t);
    const asked = await untilAsked(app);
    const before = census(await app.world());
    await app.settings('stop_flow', { id: 'premier-escalation', stopped: true });
    await app.approve(asked.run, asked.card);
    await app.quiet();
    assert.deepEqual(census(await app.world()), before, 'nothing was sent');
    assert.equal(before.reply, 0);
    await app.settings('stop_flow', { id: 'premier-escalation', stopped: false });
    await app.quiet();
    assert.deepEqual(wrongWith(await tell(app, await app.run(), asked.card)), []);
  });

  it('of a run that is writing keeps the next write from leaving, and each leaves once', async (t) => {
    const app = await stage(t);
    const steps = [1, 2, 3, 4, 5, 6].map((n) => ({ ...say, id: `say_${n}` }));
    await draw(app, { id: 'chatty', ...quietly, steps });
    await change(app, 'PAY-88', 1);
    for (let look = 0; look < 500 && (await told(app)) === 0; look += 1);
    await app.admin('stop_site', { stopped: true });
    await app.settle();
    const sent = await told(app);
    assert.ok(sent >= 1, 'it was under way');
    await pass(app, 3_600_000);
    assert.equal(await told(app), sent);
    await app.admin('stop_site', { stopped: false });
    await app.quiet();
    const [run] = await runsOf(app, 'chatty');
    assert.deepEqual([run.state, await told(app)], ['completed', 6]);
  });

  it('of something else costs a run that is writing no more than another look', async (t) => {
    const app = await stage(t);
    const steps = [1, 2, 3, 4, 5, 6].map((n) => ({ ...say, id: `say_${n}` }));
    await draw(app, { id: 'chatty', ...quietly, steps });
    await change(app, 'PAY-88', 1);
    for (let look = 0; look < 500 && (await told(app)) === 0; look += 1);
    for (const stopped of [true, false, true]) {
      await app.settings('stop_flow', { id: 'premier-escalation', stopped });
    }
    await app.quiet();
    const [run] = await runsOf(app, 'chatty');
    assert.deepEqual([run.state, await told(app)], ['completed', 6]);
    assert.ok((await flowRow(app, 'premier-escalation')).stopped);
  });

  it('is lifted from a run that somebody paused meanwhile, too', async (t) => {
    const app = await stage(t);
    await draw(app, later);
    await change(app, 'PAY-88', 1);
    await app.settle();
    const stop = (stopped) => app.settings('stop_flow', { id: 'later', stopped });
    await stop(true);
    await pass(app, 900_000);
    const [{ id: run }] = await runsOf(app, 'later');
    await breakTool(app, { ...QUEUE, effect: 'drop_before' });
    await app.panel('pause', { run, reason: 'wait' }, PEOPLE.paula);
    await stop(false);
    await app.settle();
    assert.deepEqual((await app.run(PEOPLE.paula)).brakes, ['pause']);
    await app.panel('resume', { run }, PEOPLE.paula);
    await app.quiet();
    const [{ state }] = await runsOf(app, 'later');
    assert.deepEqual([state, await told(app)], ['completed', 1]);
  });

  it('is not lost when others are pressed in the same moment', async (t) => {
    const app = await stage(t);
    await draw(app, later);
    const press = (stopped) =>
      Promise.all([
        app.settings('stop_flow', { id: 'later', stopped }),
        app.settings('stop_flow', { id: 'premier-escalation', stopped }),
        app.settings('stop_project', { stopped }),
      ]);
    const stands = async () => {
      const { flows, stopped } = await app.settings('flows');
      return [stopped, ...flows.map((flow) => flow.stopped)].map((stop) => stop !== null);
    };
    await press(true);
    assert.deepEqual(await stands(), [true, true, true]);
    await press(false);
    assert.deepEqual(await stands(), [false, false, false]);
  });

  it('keeps what waits to be let in waiting', async (t) => {
    const app = await stage(t);
    await draw(app, { ...later, trigger: { event: UPDATED, coalesce: '30s', per: ['issue.key'] } });
    await change(app, 'PAY-88', 1);
    await app.settle();
    await app.settings('stop_project', { stopped: true });
    await pass(app, 60_000);
    assert.equal((await runsOf(app, 'later'))[0].state, 'running');
    await pass(app, 3_600_000);
    assert.equal(await told(app), 0);
    await app.settings('stop_project', { stopped: false });
    await app.quiet();
    assert.equal((await runsOf(app, 'later'))[0].state, 'completed');
  });

  it('lets a held run hear what it waits for, and look once it is lifted', async (t) => {
    const app = await stage(t);
    // It never looks by itself: what it does not hear now it would miss for ever.
    const listen = {
      to: [{ event: 'shop.restocked', key: 'tea' }],
      read: { held: { use: 'tutti.reservation.get', with: { of: 'tea' } } },
      until: 'held.reserved == 3.0',
      within: '20h',
    };
    const commented = 'avi:jira:commented:issue';
    await draw(app, { id: 'waits', ...quietly, steps: [{ id: 'restocked', listen }, say] });
    await draw(app, {
      id: 'tells',
      trigger: { event: commented, once_per: ['issue.key', 'timestamp'] },
      steps: [
        { id: 'held', call: 'tutti.reservation.take', with: { of: 'tea', amount: 3 } },
        { id: 'tell', emit: { event: 'shop.restocked', key: 'tea' } },
      ],
    });
    await change(app, 'PAY-88', 1);
    await app.settle();
    await app.settings('stop_flow', { id: 'waits', stopped: true });
    await app.settle();
    await change(app, 'PAY-88', 2, { event: commented });
    await pass(app, 3_600_000);
    assert.equal((await runsOf(app, 'tells'))[0].state, 'completed');
    assert.deepEqual([(await runsOf(app, 'waits'))[0].state, await told(app)], ['held', 0]);
    await app.settings('stop_flow', { id: 'waits', stopped: false });
    await app.settle();
    const [run] = await runsOf(app, 'waits');
    assert.deepEqual([run.state, await told(app)], ['completed', 1]);
  });

  it('is pressed and lifted by administrators only', async (t) => {
    const app = await stage(t);
    const stop = (surface, name, who, place) =>
      codeOf(app.call(surface, name, { id: 'premier-escalation', stopped: true }, who, place));
    for (const [surface, name, who] of [
      ['settings', 'stop_flow', PEOPLE.dana],
      ['settings', 'stop_project', PEOPLE.ana],
      ['settings', 'reopen_flow', PEOPLE.ana],
      ['admin', 'stop_site', PEOPLE.paula],
    ]) {
      assert.equal(await stop(surface, name, who, app.project), 'forbidden', name);
    }
    assert.equal((await flowRow(app, 'premier-escalation')).stopped, null);
  });
});

describe('a connection that does not answer', { concurrency: 2 }, () => {
  const tries = async (app) =>
    (await app.get('/api/tools/requests')).filter(({ tool }) => tool === 'slack').length;
  const slack = async (app) =>
    (await app.admin('connections')).connections.find(({ tool }) => tool === 'slack');
  const one = { id: 'one', ...quietly, steps: [{ ...say, retry: { attempts: 2, delay: '1s' } }] };

  it('is left alone by every run after five failures, and then tried by one', async (t) => {
    const app = await stage(t);
    await draw(app, one);
    const before = await tries(app);
    await app.act('break-slack');
    for (const n of [1, 2, 3, 4]) {
      await change(app, 'PAY-88', n);
      await app.settle();
      await pass(app, 2_000);
    }
    assert.equal((await tries(app)) - before, 5, 'of four runs that all want to');
    const open = await slack(app);
    assert.equal(open.status, 'unhealthy');
    assert.match(open.detail, /5 calls in a row failed.*500/);
    assert.ok(open.held_until > 0);
    await app.post('/api/clock/advance', { by_ms: 60_000 });
    await app.settle();
    assert.equal((await tries(app)) - before, 5, 'and nobody calls any more');
    await app.act('mend-slack');
    await app.quiet();
    const states = (await runsOf(app, 'one')).map(({ state }) => state);
    assert.equal(states.at(-1), 'completed', 'who was held back goes on');
    assert.equal(await told(app), states.filter((state) => state === 'completed').length);
    const { status, held_until: held } = await slack(app);
    assert.deepEqual([status, held], ['connected', null]);
  });

  it('is read once by an invocation that calls it again and again', async (t) => {
    const app = await stage(t);
    const reads = async (id, calls) => {
      const steps = Array.from({ length: calls }, (_, n) => ({ ...say, id: `say_${n}` }));
      await draw(app, { id, ...quietly, steps });
      await app.post('/api/meter/reset');
      await change(app, 'PAY-88', calls);
      await app.quiet();
      await app.settings('enable_flow', { id, enabled: false });
      return (await app.get('/api/meter')).kvs.read_units;
    };
    const [few, many] = [await reads('few', 2), await reads('many', 12)];
    // Each write asks whether a stop was pressed; its commit reads nothing else.
    assert.ok(many - few <= 2 * 10, `${few} units for 2 calls, ${many} for 12`);
    assert.equal(await told(app), 14);
  });

  it('costs no write as long as it works', async (t) => {
    const app = await stage(t);
    await draw(app, one);
    await app.post('/api/meter/reset');
    await change(app, 'PAY-88', 1);
    await app.quiet();
    const { kvs } = await app.get('/api/meter');
    assert.ok(kvs.write_units <= 3, `${kvs.write_units}: the row, before the write, at the end`);
    assert.equal(await told(app), 1);
  });
});
