// Many invocations at once in one process: each is somebody's, and sees and does only what that
// somebody may.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { open, ownState } from './stage.mjs';

const ROUNDS = 5;

/** Everybody asks everything: what the answer says, without what changes from call to call. */
const questions = (app) =>
  Object.values(PEOPLE).flatMap((who) => [
    { who, ask: () => app.call('panel', 'panel', {}, who, app.issue) },
    { who, ask: () => app.call('settings', 'flows', {}, who, app.project) },
    { who, ask: () => app.call('admin', 'connections', {}, who) },
    { who, ask: () => app.call('panel', 'cancel', { run: 'tt-none' }, who, app.issue) },
  ]);

const essence = ({ ok, error }) => {
  if (error) return error.code;
  const { me, issue, project, flows, connections } = ok;
  return JSON.stringify({ me, issue, project, flows: flows?.map(({ id }) => id), connections });
};

describe('invocations at the same time in one process', () => {
  it('are each their own: twenty calls of five people and a run', async (t) => {
    const { app, children, stop } = await open(await ownState(), { perChild: 40 });
    t.after(stop);

    const alone = [];
    for (const { ask } of questions(app)) alone.push(essence(await ask()));
    assert.ok(new Set(alone).size > Object.keys(PEOPLE).length, 'the answers differ');
    assert.ok(alone.includes('forbidden') && alone.includes('not_found'));

    for (let round = 0; round < ROUNDS; round += 1) {
      const { length: before } = await app.get('/api/calls');
      const asked = questions(app);
      const [together] = await Promise.all([
        Promise.all(asked.map(({ ask }) => ask().then(essence))),
        app.escalate({ eventId: `e-${round}`, lastModified: `2026-03-10T08:59:0${round}Z` }),
      ]);
      assert.deepEqual(together, alone);
      await app.settle();
      assertActors((await app.get('/api/calls')).slice(before), asked);
    }
    assert.equal(children.children.size, 1, 'one process');
  });
});

/** Whose name each call to a product carried: the app's at work, one person's on a page. */
function assertActors(calls, asked) {
  const products = calls.filter(({ product }) => product);
  const work = products.filter(({ function: name }) => name === 'work');
  assert.ok(work.length > 10);
  assert.deepEqual(new Set(work.map(({ actor }) => actor)), new Set(['app']));

  const pages = products.filter(({ function: name }) => name.endsWith('-resolver'));
  const actors = new Map();
  for (const { invocation, actor } of pages) {
    actors.set(invocation, (actors.get(invocation) ?? new Set()).add(actor));
  }
  const names = [...actors.values()].map((of) => {
    assert.equal(of.size, 1, 'one name in one invocation');
    return [...of][0];
  });
  assert.deepEqual(names.sort(), asked.map(({ who }) => who).sort());
}
