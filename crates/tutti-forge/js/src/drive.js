// The worker's loop: step, commit, perform, step again, until the run waits, ends, or time is
// short. Everything that is decided is decided in the core.
import { randomUUID } from 'node:crypto';

/** Below this much time left nothing new is begun; the run goes on in the next invocation. */
const MARGIN_MS = 150_000;

export async function drive(wasm, host, message, remainingMs) {
  const tally = { run: message.run, turns: 0, commits: 0, effects: 0, end: 'idle' };
  const hold = await wasm.open(JSON.stringify(message), randomUUID(), host);
  if (!hold) return tally;
  const done = await turns(wasm, hold, { host, message, remainingMs, tally });
  // After a trap nothing is freed: the instance is dropped whole.
  hold.free();
  return done;
}

async function turns(wasm, hold, { host, message, remainingMs, tally }) {
  const answers = mailbox();
  let events = [];
  for (;;) {
    const [first, ...effects] = hold.step(`[${events}]`, host.now()).split('\n');
    const turn = JSON.parse(first);
    tally.turns += 1;
    tally.state = turn.state;
    if (turn.commit) {
      const saved = await wasm.save(hold, host);
      if (saved === 'heard') {
        events = [];
        continue;
      }
      if (saved === 'lost') {
        await onceMore(host, message);
        return { ...tally, end: 'lost its hold' };
      }
      tally.commits += 1;
    }
    if (turn.in_flight > 0 && remainingMs() < MARGIN_MS) {
      await onceMore(host, message);
      return { ...tally, end: 'out of time' };
    }
    tally.effects += effects.length;
    for (const effect of effects) answers.expect(wasm.perform(effect, host));
    if (answers.waiting() === 0) {
      if (turn.alarm_at !== null) await wasm.requeue(message.run, turn.alarm_at, host);
      return { ...tally, end: turn.over ? 'over' : 'waits' };
    }
    events = await answers.next(turn.wake_at - host.now());
    // A time that is over ends what people could still answer: what they have said comes first.
    if (turn.wake_at !== null && turn.wake_at <= host.now()) await wasm.hear(hold, host);
  }
}

/** Whoever has the run next may not know what this message is about: it comes once more. */
async function onceMore(host, message) {
  const body = { ...message, swept: false, again: false };
  const events = [{ body, key: message.run, after_s: 0 }];
  await host.port('push', JSON.stringify({ queue: 'runs', events }));
}

/**
 * Collects answers as they come; `next` gives all that are there, as soon as there is one or, if that
 * is in the future, the time is over.
 */
function mailbox() {
  let outstanding = 0;
  let arrived = [];
  let wake = () => {};
  const put = (settle) => {
    arrived.push(settle);
    wake();
  };
  return {
    waiting: () => outstanding,
    expect(promise) {
      outstanding += 1;
      promise.then(
        (value) => put(() => value),
        (error) =>
          put(() => {
            throw error;
          }),
      );
    },
    async next(withinMs) {
      if (arrived.length === 0) {
        let timer;
        await new Promise((resolve) => {
          wake = resolve;
          if (withinMs > 0) timer = setTimeout(resolve, Math.min(withinMs, MARGIN_MS));
        });
        clearTimeout(timer);
      }
      const settled = arrived;
      arrived = [];
      outstanding -= settled.length;
      return settled.map((settle) => settle());
    },
  };
}
