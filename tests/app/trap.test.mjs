// A trap in the WebAssembly ends one invocation. Its run goes on in the next one; one that kills
// worker after worker ends, and says so.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { ROOT, approved, breakTool, folder, stage, untilAsked, wrongWith } from './stage.mjs';

/** The built app with a plan of where it traps. */
function trapping(plan) {
  const made = folder();
  for (const file of ['index.js', 'tutti_forge.wasm']) {
    copyFileSync(join(ROOT, 'dist/app', file), join(made, file));
  }
  copyFileSync(join(ROOT, 'tests/app/fixtures/trapping.cjs'), join(made, 'index.cjs'));
  writeFileSync(join(made, 'plan.json'), JSON.stringify(plan));
  return made;
}

const traps = async (app) =>
  (await app.get('/api/logs?level=error')).filter(({ line }) =>
    /RuntimeError: unreachable/.test(line),
  );

/** How often the queue delivered an event again. */
const again = async (app) =>
  (await app.get('/api/deliveries?kind=consumer')).reduce((sum, { attempt }) => sum + attempt, 0);

async function despite(t, plan) {
  const app = await stage(t, { app: trapping(plan) });
  const story = await approved(app, await untilAsked(app));
  assert.deepEqual(wrongWith(story), []);
  assert.equal((await traps(app)).length, plan.times);
  assert.equal(await again(app), plan.times, 'the queue delivered it again');
  return story;
}

const note = ({ effects }) => effects.find(({ step }) => step === 'note');

describe('a trap', { concurrency: 2 }, () => {
  it('before a write leaves: it is done in the next invocation', async (t) => {
    await despite(t, { place: 'perform', match: 'gitlab.note.add', times: 1 });
  });

  it('in a future, once a write was answered: it is looked for and not repeated', async (t) => {
    const story = await despite(t, {
      place: 'answer',
      match: '/merge_requests/913/notes',
      times: 1,
    });
    assert.equal(note(story).attempts, 1);
    assert.match(note(story).adapted, /it had happened; nothing was repeated/);
  });

  it('in a read: it is read again', async (t) => {
    await despite(t, { place: 'perform', match: 'gitlab.merge_request.search', times: 1 });
  });

  it('twice in the same place is not yet the end', async (t) => {
    await despite(t, { place: 'perform', match: 'gitlab.merge_request.search', times: 2 });
  });

  for (const match of ['gitlab.merge_request.search', 'gitlab.note.add']) {
    it(`every time at ${match}: the run ends after the third, with a reason`, async (t) => {
      const app = await stage(t, { app: trapping({ place: 'perform', match, times: 100 }) });
      await untilAsked(app);
      const {
        runs: [run],
      } = await app.settings('flows');
      assert.equal(run.state, 'failed');
      assert.ok(run.reason.length > 10 && !/undefined|RuntimeError/.test(run.reason), run.reason);
      t.diagnostic(`the reason: ${run.reason}`);
      const died = (await traps(app)).length;
      assert.equal(died, 3);
      await app.post('/api/clock/advance', { by_ms: 24 * 3_600_000 });
      assert.equal((await traps(app)).length, died, 'nobody takes it up any more');
      assert.deepEqual(
        (await app.get('/api/deliveries?kind=consumer')).filter(
          ({ state }) => state === 'waiting' || state === 'running',
        ),
        [],
      );
    });
  }

  it('ends no invocation but its own, not even in the same process', async (t) => {
    const plan = { place: 'perform', match: 'gitlab.note.add', times: 1 };
    const app = await stage(t, { app: trapping(plan), perChild: 20 });
    await breakTool(app, { tool: 'jira', effect: 'slow', ms: 1, times: null });
    await app.escalate();
    const looks = Array.from({ length: 12 }, () => app.panel('panel', {}, PEOPLE.ana));
    const seen = await Promise.all([...looks, app.settle()]);
    assert.deepEqual(new Set(seen.slice(0, 12).map(({ me }) => me)), new Set([PEOPLE.ana]));
    await app.quiet();
    assert.equal((await traps(app)).length, 1);
    const run = await app.run();
    assert.deepEqual(wrongWith(await approved(app, { run, card: run.approvals[0] })), []);
  });
});
