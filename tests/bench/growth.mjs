// What a step costs as things grow: late in a long run beside early, with many stored runs beside
// few, in a loop of 200 beside one of 20; and what the parts of a run cost by themselves.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { flow, open } from './engines/tutti.mjs';
import { median, round } from './numbers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const ITEMS = 1000;
const linear = flow('linear');

/** A flow with one effect an item, for as many items as come with the trigger. */
function each() {
  const [put] = linear.document.steps;
  const step = { ...put, with: { ...put.with, value: '${item}' } };
  const document = {
    ...linear.document,
    id: 'each',
    budget: { calls: 5000 },
    steps: [{ id: 'each', for: { each: 'item', in: 'trigger.items', limit: ITEMS, do: [step] } }],
  };
  return { ...linear, document };
}

/** A flow of steps that only compute. */
function pure(steps) {
  const set = (id, value) => ({ id, set: { count: value } });
  const rest = Array.from({ length: steps - 1 }, (_, i) => set(`s${i + 2}`, `\${s${i + 1}.count + 1}`));
  return {
    ...linear,
    document: { ...linear.document, id: 'pure', steps: [set('s1', '${trigger.count + 1}'), ...rest] },
  };
}

const items = (count) => ({ items: Array.from({ length: count }, (_, index) => index) });

/** Microseconds between one effect and the next, by how many came before. */
async function gaps(file) {
  const at = [];
  const engine = await open({ shape: each(), file, effect: () => void at.push(performance.now()) });
  const rows = [];
  for (let run = 0; run < 10; run += 1) {
    at.length = 0;
    await engine.work(await engine.trigger(`run-${run}`, items(ITEMS)));
    if (run > 1) rows.push([...at]);
  }
  engine.close();
  const around = (middle) => {
    const of = (row) => Array.from({ length: 16 }, (_, i) => row[middle - 7 + i] - row[middle - 8 + i]);
    return round(median(rows.flatMap(of)) * 1000, 1);
  };
  const [early, late] = [around(10), around(ITEMS - 10)];
  return { step_10_us: early, step_1000_us: late, times: round(late / early, 2) };
}

/** Microseconds a step of a run of ten effects, while few and while many others are stored. */
async function among(counts) {
  const engines = [];
  for (const stored of counts) {
    const engine = await open({ shape: 'linear', file: join(folder, `among-${stored}.db`) });
    for (let run = 0; run < stored; run += 1) await engine.trigger(`stored-${run}`);
    engines.push({ ...engine, times: [] });
  }
  // In turn, so that both see the machine as it is.
  for (let run = 0; run < 150; run += 1) {
    for (const engine of engines) {
      const message = await engine.trigger(`run-${run}`);
      const begun = performance.now();
      await engine.work(message);
      if (run >= 50) engine.times.push(performance.now() - begun);
    }
  }
  return engines.map(({ times, close }) => {
    close();
    return round(median(times) * 100, 1);
  });
}

/** Milliseconds of a loop over so many items. */
async function loop(count) {
  const engine = await open({ shape: each() });
  const times = [];
  for (let run = 0; run < 30; run += 1) {
    const message = await engine.trigger(`run-${run}`, items(count));
    const begun = performance.now();
    await engine.work(message);
    if (run >= 10) times.push(performance.now() - begun);
  }
  return median(times);
}

/** Pure steps a second: the difference between a run of many and a run of few of them. */
async function pureSteps() {
  const time = async (steps) => {
    const engine = await open({ shape: pure(steps) });
    const message = [];
    for (let run = 0; run < 60; run += 1) message.push(await engine.trigger(`run-${run}`));
    const times = [];
    for (const one of message) {
      const hold = await engine.hold(one);
      const begun = performance.now();
      hold.step('[]', Date.now());
      times.push(performance.now() - begun);
      hold.free();
    }
    return median(times.slice(20));
  };
  const [few, many] = [await time(10), await time(410)];
  return round(400 / ((many - few) / 1000));
}

/** Microseconds of a run's parts: its trigger, its opening (the flow is linked anew), each step. */
async function parts() {
  const effects = [];
  const engine = await open({ shape: 'linear', effect: () => void effects.push(performance.now()) });
  const spent = { trigger: [], open: [], step: [] };
  for (let run = 0; run < 300; run += 1) {
    effects.length = 0;
    const begun = performance.now();
    const message = await engine.trigger(`run-${run}`);
    const triggered = performance.now();
    await engine.work(message);
    if (run < 100) continue;
    spent.trigger.push(triggered - begun);
    spent.open.push(effects[0] - triggered);
    spent.step.push(...effects.slice(1).map((time, index) => time - effects[index]));
  }
  return Object.fromEntries(
    Object.entries(spent).map(([part, times]) => [`${part}_us`, round(median(times) * 1000, 1)]),
  );
}

// The parts come first: they also warm the code up for what follows.
const cost = await parts();
const [few, many] = await among([10, 10_000]);
const [short, long] = [await loop(20), await loop(200)];
const result = {
  parts: cost,
  in_memory: await gaps(),
  sqlite: await gaps(join(folder, 'each.db')),
  stored_runs: { with_10_us: few, with_10000_us: many, times: round(many / few, 2) },
  loop: { of_20_ms: round(short, 2), of_200_ms: round(long, 2), times: round(long / short, 1) },
  pure_steps_per_second: await pureSteps(),
};
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(result));
