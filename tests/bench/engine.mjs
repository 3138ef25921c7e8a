// How fast the engine is through the wasm boundary, how heavy it is, and how soon it starts. Prints
// one JSON document; figures are of this machine, so compare them within one run only.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = `${root}dist/app/tutti_forge.wasm`;
const STEPS = 10;

const operation = {
  id: 'bench.thing.put', summary: 'Put a thing', access: 'write', once: 'idempotent',
  reversibility: 'reversible', input: { name: { type: 'text', required: true } }, marked: true,
};
const document = {
  id: 'bench',
  name: 'Bench',
  trigger: { webhook: 'bench', once_per: ['id'] },
  steps: Array.from({ length: STEPS }, (_, i) => ({
    id: `put${i}`,
    call: operation.id,
    with: { name: 'thing ${trigger.id}' },
  })),
  policies: [{ never: 'effect.input.name == "forbidden"' }],
};

/** A run as storage holds it right after its trigger. */
function stored(id) {
  const event = { type: 'started', trigger: { id }, source: 'bench' };
  const record = { seq: 1, at: 1, event };
  const head = createHash('sha256').update(`\n${JSON.stringify(record)}`).digest('hex');
  const row = {
    format: 1, run: `tt-${id}`, project: 'PAY', flow: 'bench', name: 'Bench', flow_version: 1,
    state: 'running', reason: '', subject: null, due_at: 1, version: 1, writer: '', claims: 0,
    chunks: 0, head, sealed_head: '', open: [record], topics: [], started_at: 1, started_by: '',
    updated_at: 1,
  };
  const flow = { document, operations: { [operation.id]: operation } };
  return JSON.stringify({ row, chunks: [], flow, letters: [] });
}

/** Plays one run to its end; every effect is answered at once. */
function play(wasm, id) {
  const hold = wasm.open(stored(id), 'bench');
  let events = '[]';
  for (let effects = 0; ; ) {
    const turn = JSON.parse(hold.step(events, 2 + effects));
    effects += turn.effects.length;
    if (turn.over) {
      hold.free();
      return effects;
    }
    events = JSON.stringify(turn.effects.map((effect) => ({
      type: 'answered', effect: effect.id, result: { ok: { id: 'x' } }, took_ms: 1,
    })));
  }
}

async function cold() {
  const begun = process.hrtime.bigint();
  const { create } = await import(`${root}crates/tutti-forge/js/gen/glue.js`);
  const module = new WebAssembly.Module(readFileSync(file));
  const wasm = create(module, () => {});
  JSON.parse(wasm.open(stored('cold'), 'bench').step('[]', 2));
  const wall = Number(process.hrtime.bigint() - begun) / 1e6;
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ wall_ms: wall, cpu_ms: (user + system) / 1000 }));
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

async function measure() {
  const { create } = await import(`${root}crates/tutti-forge/js/gen/glue.js`);
  const wasm = create(new WebAssembly.Module(readFileSync(file)), () => {});
  const rounds = Array.from({ length: 7 }, (_, round) => {
    const begun = process.hrtime.bigint();
    let effects = 0;
    for (let run = 0; run < 300; run += 1) effects += play(wasm, `${round}-${run}`);
    return effects / (Number(process.hrtime.bigint() - begun) / 1e9);
  });
  const starts = Array.from({ length: 9 }, () =>
    JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'cold'])));
  const bytes = readFileSync(file);
  console.log(JSON.stringify({
    node: process.version,
    wasm: { bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length },
    cold_start_to_first_effect_ms: median(starts.map(({ wall_ms: ms }) => ms)),
    effect_steps_per_second: { median: Math.round(median(rounds)), best: Math.round(Math.max(...rounds)) },
  }, null, 2));
}

await (process.argv[2] === 'cold' ? cold() : measure());
