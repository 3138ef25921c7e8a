// The platform is killed at every place where something is written, in the middle of the story, and
// started again on what it left: the world at the end is the same as if nothing had happened.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { tell } from '../../scripts/story/tell.mjs';
import { launch, open, ownState, played, wrongWith } from './stage.mjs';

/**
 * The boundary after every tool's write is taken, of those before it every second, of the app's own
 * storage and queue a sample.
 */
const STRIDE = process.env.TUTTI_ALL === '1' ? 1 : 11;
const SWEEP_MS = 5 * 60_000;

/** What the tools hold, without what depends on when it came about. */
function lasting({ model: _, ...tools }) {
  const timeless = (value) => {
    if (typeof value === 'string') {
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return 'a time';
      return /^\d{10}\.\d{6}$/.test(value) ? 'a timestamp' : value;
    }
    if (Array.isArray(value)) return value.map(timeless);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, timeless(of)]));
  };
  return timeless(tools);
}

/** The story without any crash: the boundaries it passes, and the world it leaves. */
async function undisturbed() {
  const { app, stop } = await open(await ownState());
  const story = await played(app);
  assert.deepEqual(wrongWith(story), []);
  const passed = await app.get('/api/boundaries');
  await stop();
  const seen = {};
  const boundaries = passed.map((name) => `${name} #${(seen[name] = (seen[name] ?? 0) + 1)}`);
  return { boundaries, world: lasting(story.world) };
}

/** Goes on from wherever things stand, as people, timers and the sweeper would. */
async function toTheEnd(app) {
  let run;
  // What the card says is the matter of other tests; here only a blank one is told.
  const blank = { changes: [] };
  for (let round = 0; round < 100; round += 1) {
    await app.quiet();
    run = await app.run();
    if (run?.ended_at) return tell(app, run, blank);
    const [card] = run?.approvals ?? [];
    if (card) await app.approve(run, card);
    else await app.post('/api/clock/advance', { by_ms: SWEEP_MS });
  }
  throw new Error(`it never ends: ${run?.state}, ${run?.reason}`);
}

/** Plays as far as the platform lives; the story, if that is its end. */
async function mortal(state, at, escalates) {
  const { app, kill, ended } = await launch(state, { TUTTI_CRASH_AT: at });
  const playing = async () => {
    if (escalates) await app.escalate();
    return toTheEnd(app);
  };
  const outcome = await playing().then(
    (story) => ({ story }),
    (error) => ({ error }),
  );
  // Where it ended otherwise than by the boundary, whatever it was must be seen.
  if (outcome.story) await kill();
  assert.equal(await ended, 'SIGKILL', outcome.error?.stack);
  return outcome.story;
}

/** Dies at a boundary, once; the story as it ends all the same. */
async function crashing(boundary) {
  const state = await ownState();
  const whole = await mortal(state, boundary, true);
  if (whole) return { died: false, story: whole };
  const { app, stop } = await open(state);
  try {
    return { died: true, story: await toTheEnd(app) };
  } finally {
    await stop();
  }
}

const { boundaries, world } = await undisturbed();
const sameAsEver = (story) => {
  assert.deepEqual(wrongWith(story), []);
  assert.deepEqual(lasting(story.world), world);
};
const outside = (name) => !/^(before|after) (kvs|queue)\./.test(name);
const taken = (name, at) =>
  at % STRIDE === 0 || (outside(name) && (name.startsWith('after') || at % 4 < 2));
const chosen = boundaries.filter(taken);

describe(
  `killed at ${chosen.length} of ${boundaries.length} boundaries`,
  { concurrency: 2 },
  () => {
    for (const boundary of chosen) {
      it(boundary, async (t) => {
        const { died, story } = await crashing(boundary);
        if (!died) t.diagnostic(`not reached this time: ${boundary}`);
        sameAsEver(story);
      });
    }

    it('again and again, at every twenty-third it passes', async (t) => {
      const state = await ownState();
      let story = await mortal(state, '23', true);
      let deaths = 0;
      for (; !story; deaths += 1) story = await mortal(state, '23', false);
      t.diagnostic(`killed ${deaths} times`);
      assert.ok(deaths > 2);
      sameAsEver(story);
    });
  },
);
