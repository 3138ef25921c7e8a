// Whatever happens to a request on its way, what it asks for is done once, and the run goes on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { WRITES, approved, breakTool, played, stage, untilAsked, wrongWith } from './stage.mjs';

const effect = ({ effects }, step) => effects.find((each) => each.step === step);
const hits = async (app) => (await app.get('/api/faults')).map((fault) => fault.hits);
const requests = async (app, { tool, method, path }) => {
  const all = await app.get('/api/tools/requests');
  return all.filter(
    (each) =>
      each.tool === tool && (!method || each.method === method) && new RegExp(path).test(each.path),
  );
};

/** How long after the request that a fault struck the next one like it came. */
async function pause(app, at) {
  const all = await requests(app, at);
  const struck = all.findIndex(({ fault }) => fault);
  return all[struck + 1].at - all[struck].at;
}

/** Plays the story with one fault that must have struck, and nothing wrong at its end. */
async function despite(t, fault) {
  const app = await stage(t);
  await breakTool(app, fault);
  const story = await played(app);
  assert.deepEqual(await hits(app), [1], 'the fault struck');
  assert.deepEqual(wrongWith(story), []);
  return { app, story };
}

/** The writes that are hit in runs of their own; all are hit together in one run, too. */
const ALONE = process.env.TUTTI_ALL === '1' ? Object.keys(WRITES) : ['note', 'reply'];

describe('a write whose answer never comes is not done again', { concurrency: 2 }, () => {
  for (const step of ALONE) {
    it(step, async (t) => {
      const { story } = await despite(t, { ...WRITES[step].at, effect: 'drop_after' });
      const { adapted, class: once, attempts } = effect(story, step);
      assert.ok(adapted, 'the timeline says so');
      if (once === 'probed') {
        assert.equal(attempts, 1);
        assert.match(adapted, /it had happened; nothing was repeated/);
      }
    });
  }
});

describe('a write that never arrives is done after all', () => {
  it('each of them in one run', async (t) => {
    const app = await stage(t);
    for (const { at } of Object.values(WRITES))
      await breakTool(app, { ...at, effect: 'drop_before' });
    const story = await played(app);
    assert.deepEqual(new Set(await hits(app)), new Set([1]));
    assert.deepEqual(wrongWith(story), []);
    for (const step of Object.keys(WRITES)) assert.equal(effect(story, step).attempts, 2, step);
  });
});

describe('an unknown outcome', { concurrency: 2 }, () => {
  it('is looked for by its mark before anything is repeated', async (t) => {
    const { app, story } = await despite(t, { ...WRITES.note.at, effect: 'drop_after' });
    const seen = await requests(app, { tool: 'gitlab', path: '/merge_requests/913/notes$' });
    assert.deepEqual(
      seen.map(({ method, dropped }) => [method, Boolean(dropped)]),
      [
        ['POST', true],
        ['GET', false],
      ],
    );
    const { run } = story;
    const [note] = Object.values(story.world.gitlab.mergeRequests['913'].notes);
    assert.ok(note.body.includes(`${run.id}/note/1`));
  });

  it('of every write at once is sorted out, by the vendors’ rules', async (t) => {
    const app = await stage(t, { judged: true });
    for (const { at } of Object.values(WRITES))
      await breakTool(app, { ...at, effect: 'drop_after' });
    const story = await played(app);
    assert.deepEqual(new Set(await hits(app)), new Set([1]));
    assert.deepEqual(wrongWith(story), []);
  });

  it('of an answer nobody can read is looked for, too', async (t) => {
    const app = await stage(t);
    const steps = ['comment', 'note', 'reply'];
    for (const step of steps) await breakTool(app, { ...WRITES[step].at, effect: 'malformed' });
    const story = await played(app);
    assert.deepEqual(await hits(app), [1, 1, 1]);
    assert.deepEqual(wrongWith(story), []);
    for (const step of steps) assert.equal(effect(story, step).attempts, 1, step);
  });
});

describe('a tool that is not well', { concurrency: 2 }, () => {
  it('fails twice and then works', async (t) => {
    const app = await stage(t);
    const fault = { effect: 'status', status: 500, times: 2 };
    for (const step of ['comment', 'label']) await breakTool(app, { ...WRITES[step].at, ...fault });
    const story = await played(app);
    assert.deepEqual(await hits(app), [2, 2]);
    assert.deepEqual(wrongWith(story), []);
    for (const step of ['comment', 'label']) assert.equal(effect(story, step).attempts, 3, step);
  });

  it('asks for five seconds and gets them', async (t) => {
    const { at } = WRITES.tell;
    const fault = { ...at, effect: 'status', status: 429, retry_after: 5 };
    const { app, story } = await despite(t, fault);
    assert.ok((await pause(app, at)) >= 5_000);
    assert.match(effect(story, 'tell').adapted, /too many calls/);
  });

  it('asks for five seconds before a read and before the model’s answer', async (t) => {
    for (const at of [
      { tool: 'salesforce', path: '/sobjects/Account' },
      { tool: 'model', path: 'chat' },
    ]) {
      const { app } = await despite(t, { ...at, effect: 'status', status: 429, retry_after: 5 });
      assert.ok((await pause(app, at)) >= 5_000, at.tool);
    }
  });

  it('no longer knows our session: it is renewed once', async (t) => {
    const sessions = async (app) =>
      (await requests(app, { tool: 'salesforce', path: '/oauth2/token' })).length;
    for (const at of [
      WRITES.escalated.at,
      WRITES.reply.at,
      { tool: 'salesforce', path: '/sobjects/Account' },
    ]) {
      const app = await stage(t);
      const before = await sessions(app);
      await breakTool(app, { ...at, effect: 'unauthorized' });
      assert.deepEqual(wrongWith(await played(app)), []);
      assert.deepEqual(await hits(app), [1]);
      assert.equal(await sessions(app), before + 1, at.path);
    }
  });

  it('answers a question with half an answer', async (t) => {
    const at = { tool: 'jira', method: 'POST', path: '/search/jql' };
    const { app } = await despite(t, { ...at, effect: 'malformed' });
    assert.equal((await requests(app, at)).length, 2);
  });

  it('has no such channel: the lead is told directly, and the gap is listed', async (t) => {
    const app = await stage(t);
    const body = { ok: false, error: 'channel_not_found' };
    await breakTool(app, { ...WRITES.tell.at, effect: 'status', status: 200, body });
    const { run, world } = await played(app);
    assert.equal(run.state, 'completed_with_gaps');
    assert.deepEqual(run.gaps, ['#esc-enterprise was not told (the lead was told instead)']);
    const direct = Object.values(world.slack.channels).filter(({ messages }) =>
      messages.some(({ bot_id: ours, text }) => ours && text.includes('is fixed and out')),
    );
    assert.equal(direct.length, 1);
    assert.notEqual(direct[0].name, 'esc-enterprise');
  });

  it('shows a page of a gateway instead of an answer', async (t) => {
    await despite(t, { ...WRITES.comment.at, effect: 'html' });
  });
});

describe('a platform that is not well', { concurrency: 2 }, () => {
  for (const path of ['kvs /api/v1/transaction', 'publish']) {
    it(`${path} is lost on its way there and on its way back`, async (t) => {
      const app = await stage(t);
      for (const effect of ['drop_after', 'drop_before'])
        await breakTool(app, { tool: 'forge', path, effect, times: 2 });
      assert.deepEqual(wrongWith(await played(app)), []);
      assert.deepEqual(await hits(app), [2, 2]);
    });
  }

  for (const effect of ['drop_after', 'drop_before']) {
    it(`does not take an answer at once, or does not say so (${effect}): it counts all the same`, async (t) => {
      const app = await stage(t);
      const asked = await untilAsked(app);
      await breakTool(app, { tool: 'forge', path: 'kvs /api/v1/transaction', effect });
      assert.deepEqual(wrongWith(await approved(app, asked)), []);
      assert.deepEqual(await hits(app), [1]);
    });
  }

  it('does not take an answer: the person hears of it and answers again', async (t) => {
    const app = await stage(t);
    const asked = await untilAsked(app);
    const at = { tool: 'forge', path: 'kvs /api/v1/transaction' };
    await breakTool(app, { ...at, effect: 'drop_before', times: 5 });
    const [card] = asked.run.approvals;
    await assert.rejects(app.approve(asked.run, card), /storage.*try again/);
    assert.deepEqual(wrongWith(await approved(app, asked)), []);
    assert.deepEqual(await hits(app), [5]);
  });
});

describe('a sweep that cannot look', () => {
  it('says so, and the next one does what it could not', async (t) => {
    const app = await stage(t);
    await app.escalate();
    await app.settle();
    await breakTool(app, { tool: 'forge', path: 'kvs /api/v1/entity/query', effect: 'drop_before' });
    await app.post('/api/clock/advance', { by_ms: 5 * 60_000 });
    assert.deepEqual(await hits(app), [1]);
    const lines = (await app.get('/api/logs?level=error')).map(({ line }) => line);
    assert.ok(lines.some((line) => line.startsWith('the sweep: ')), lines.join('\n'));
    await app.quiet();
    assert.equal((await app.run()).approvals.length, 1);
  });
});

describe('somebody else', { concurrency: 2 }, () => {
  it('edits the page in between: their words and our row are both there', async (t) => {
    const fault = { ...WRITES.record.at, effect: 'meanwhile', action: 'edit-page' };
    const app = await stage(t);
    await breakTool(app, fault);
    const story = await played(app);
    assert.equal(story.run.state, 'completed');
    const { body, version } = story.world.confluence.pages['7001'];
    assert.equal(version, 16, 'theirs, then ours');
    assert.ok(body.value.includes('they are patient'));
    assert.equal(body.value.split('00012077').length, 2, 'one row');
    assert.match(effect(story, 'record').adapted, /read it again/);
  });
});
