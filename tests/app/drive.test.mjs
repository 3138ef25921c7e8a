// The worker's loop by itself, with a module that says what it is told to say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { drive } from '../../crates/tutti-forge/js/src/drive.js';

const TURN = { commit: false, in_flight: 0, wake_at: null, alarm_at: null, over: false, state: 'running' };
const OVER = { ...TURN, over: true, state: 'completed' };
const lines = (turn, ...effects) => [JSON.stringify({ ...TURN, ...turn }), ...effects].join('\n');

/** Drives a run whose turns, and what becomes of their commits, are these; what happened, in order. */
async function driven({ turns, saves = [], answers = {}, message = { run: 'r' }, leftMs = 900_000 }) {
  const happened = [];
  const hold = {
    step: (events) => {
      happened.push(`step ${events}`);
      return turns.shift();
    },
    free: () => {},
  };
  const wasm = {
    open: async () => hold,
    save: async () => {
      happened.push('save');
      return saves.shift() ?? 'stored';
    },
    hear: async () => void happened.push('hear'),
    requeue: async () => void happened.push('requeue'),
    perform: async (effect) => {
      happened.push(`perform ${effect}`);
      return answers[effect]?.() ?? `"answer to ${effect}"`;
    },
  };
  const port = async (name, json) => {
    const [{ body }] = JSON.parse(json).events;
    happened.push(`${name} ${JSON.stringify(body)}`);
  };
  const host = { now: () => Date.now(), port };
  const tally = await drive(wasm, host, message, () => leftMs);
  return { happened, end: tally.end };
}

describe('the worker’s loop', () => {
  it('sends nothing of a turn that was refused, and steps once more with what there is to hear', async () => {
    const { happened, end } = await driven({
      turns: [lines({ commit: true, in_flight: 1 }, 'mail'), lines({ ...OVER, commit: true })],
      saves: ['heard', 'stored'],
    });
    assert.deepEqual(happened, ['step []', 'save', 'step []', 'save']);
    assert.equal(end, 'over');
  });

  it('leaves a run that is another’s, and asks for it to be looked at again', async () => {
    const { happened, end } = await driven({
      turns: [lines({ commit: true, in_flight: 1 }, 'mail')],
      saves: ['lost'],
    });
    assert.deepEqual(happened, ['step []', 'save', 'push {"run":"r","swept":false,"again":false}']);
    assert.equal(end, 'lost its hold');
  });

  it('leaves what it was told to the next, where it runs out of time', async () => {
    const { happened, end } = await driven({
      turns: [lines({ in_flight: 1 }, 'look')],
      message: { run: 'r', hint: { type: 'signal' }, swept: true, again: true },
      leftMs: 1_000,
    });
    const left = '{"run":"r","hint":{"type":"signal"},"swept":false,"again":false}';
    assert.deepEqual(happened, ['step []', `push ${left}`]);
    assert.equal(end, 'out of time');
  });

  it('acts when a time is over though an answer is still awaited, and hears first what people said', async () => {
    let answer;
    const answered = new Promise((resolve) => (answer = resolve));
    const { happened } = await driven({
      turns: [
        lines({ in_flight: 1, wake_at: Date.now() + 20 }, 'slow'),
        // What follows from the time being over lets the answer come.
        lines({ in_flight: 2 }, 'quick'),
        lines({ in_flight: 1 }),
        lines(OVER),
      ],
      answers: { slow: () => answered, quick: () => setTimeout(() => answer('"late"'), 5) && '"now"' },
    });
    assert.deepEqual(happened, [
      'step []',
      'perform slow',
      'hear',
      'step []',
      'perform quick',
      'step ["now"]',
      'step ["late"]',
    ]);
  });
});
