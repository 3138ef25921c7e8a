// A customer writes three megabytes: the run goes on with what it can carry, says what it left out,
// and stores nothing of the rest.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT, breakTool, open, ownState, played, untilAsked, wrongWith } from './stage.mjs';

const Database = createRequire(join(ROOT, 'tests/platform/package.json'))('libsql');

const CASES = { tool: 'salesforce', method: 'GET', path: 'FROM.*Case' };
const MEGABYTE = 1_000_000;
/** What a run keeps of one answer, packed, and a row around it. */
const STORED_MAX = 160 * 1024;

/** Plays the escalation with cases that are so large, each time they are read. */
async function escalated(t, bytes) {
  const state = await ownState();
  const { app, stop } = await open(state);
  t.after(stop);
  const fault = { ...CASES, effect: 'large', at: '/records/0/Description', bytes, times: null };
  await breakTool(app, fault);
  return { app, state };
}

/** How many bytes each value in the app's storage has. */
function stored(state) {
  const db = new Database(state, { readonly: true });
  const sizes = db.prepare('SELECT length(CAST(value AS BLOB)) AS bytes FROM record').all();
  db.close();
  return sizes.map(({ bytes }) => bytes);
}

describe('a case of three megabytes', () => {
  it('is worked on, and never stored whole', async (t) => {
    const { app, state } = await escalated(t, 3 * MEGABYTE);
    const story = await played(app);
    assert.deepEqual(wrongWith(story), []);
    const { timeline } = await app.run();
    const notices = timeline.map(({ adapted }) => adapted).filter((text) => /large/.test(text));
    assert.match(notices[0], /^the answer is too large: description \(3\d{6} characters\)/);
    const sizes = stored(state);
    assert.ok(sizes.length > 10, 'the storage was looked at');
    assert.ok(Math.max(...sizes) < STORED_MAX, `${Math.max(...sizes)} bytes in one value`);
    assert.ok(sizes.reduce((sum, each) => sum + each, 0) < MEGABYTE);
    t.diagnostic(`largest value stored: ${Math.max(...sizes)} bytes`);
  });
});

describe('a case that is larger than what is read', () => {
  it('is no answer, and the run says why it ends', async (t) => {
    const { app } = await escalated(t, 9 * MEGABYTE);
    await untilAsked(app);
    const [run] = (await app.settings('flows')).runs;
    assert.equal(run.state, 'failed');
    assert.match(run.reason, /^`case` .*too large: it has 9\d+ characters, and 8388608 are read$/);
  });
});
