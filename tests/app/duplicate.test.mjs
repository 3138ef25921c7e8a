// The same event again, at any time and in any order, is the same run.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { CASE, approved, deliver, stage, untilAsked, wrongWith } from './stage.mjs';

const EVENT = { eventId: 'e-771', caseId: CASE, lastModified: '2026-03-10T08:59:40Z' };
const OLDER = { eventId: 'e-770', caseId: CASE, lastModified: '2026-03-10T08:30:00Z' };
const NEWER = { eventId: 'e-772', caseId: CASE, lastModified: '2026-03-10T08:59:59Z' };

const runs = async (app) => (await app.settings('flows')).runs;
const ignored = ({ timeline }) => timeline.filter(({ detail }) => detail.startsWith('stale_event'));

describe('the same event', { concurrency: 2 }, () => {
  it('three times, and an older one last: one run, the older one noted on it', async (t) => {
    const app = await stage(t);
    for (const event of [EVENT, EVENT, EVENT, OLDER]) assert.equal(await deliver(app, event), 202);
    await app.settle();
    await app.quiet();
    assert.equal((await runs(app)).length, 1);
    const asked = await app.run();
    const [note, ...more] = ignored(asked);
    assert.deepEqual(more, []);
    assert.match(note.text, /older event/);
    assert.match(note.detail, /e-770/);
    // Again when it waits for a person, and when it is over.
    assert.equal(await deliver(app, EVENT), 202);
    assert.equal(await deliver(app, OLDER), 202);
    const story = await approved(app, { run: asked, card: asked.approvals[0] });
    assert.deepEqual(wrongWith(story), []);
    for (const event of [EVENT, OLDER]) assert.equal(await deliver(app, event), 202);
    await app.quiet();
    assert.equal((await runs(app)).length, 1);
    const over = await app.run();
    assert.equal(over.state, 'completed');
    assert.equal(ignored(over).length, 1, 'the same older event is one line');
  });

  it('delivered eight times at once: one run', async (t) => {
    const app = await stage(t);
    const answers = await Promise.all(Array.from({ length: 8 }, () => deliver(app, EVENT)));
    assert.deepEqual([...new Set(answers)], [202]);
    await app.settle();
    await app.quiet();
    assert.equal((await runs(app)).length, 1);
    const run = await app.run();
    assert.deepEqual(wrongWith(await approved(app, { run, card: run.approvals[0] })), []);
  });

  it('when the queue repeats and reorders everything: one run', async (t) => {
    const app = await stage(t, { chaos: { duplicates: 1, reorder: true, seed: '7' } });
    const asked = await untilAsked(app);
    assert.equal(await deliver(app, EVENT), 202);
    assert.deepEqual(wrongWith(await approved(app, asked)), []);
    assert.equal((await runs(app)).length, 1);
  });

  it('is not the event of another time: a newer one is a run of its own', async (t) => {
    const app = await stage(t);
    for (const event of [EVENT, NEWER]) assert.equal(await deliver(app, event), 202);
    await app.settle();
    assert.equal((await runs(app)).length, 2);
  });
});
