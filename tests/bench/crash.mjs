// What is lost and what happens twice when workers are killed: runs of ten effects each under
// SIGKILL again and again, every engine in the same harness, effects counted by a third process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { machine, round } from './numbers.mjs';

const RUNS = Number(process.env.RUNS ?? 100);
const STEPS = 10;
/** The most requests a worker may make before it dies. */
const REQUESTS_MAX = 40;
const SEED = Number(process.env.SEED ?? 1);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const CELLS = [
  ...['idempotent', 'keyed', 'probed', 'unsafe'].map((service) => ({ engine: 'tutti', service })),
  ...['langgraph', 'mastra', 'restate'].map((engine) => ({ engine, service: 'unsafe' })),
];

/** The same kills at each call with the same seed. https://prng.di.unimi.it/splitmix64.c, in 32 bits. */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * Kills worker after worker until one is done: each some requests into its life and up to 5 ms after
 * that, so that a busy machine changes nothing about how far workers come.
 */
async function underKills(asked, outside, next) {
  for (let kills = 0; ; kills += 1) {
    const worker = fork(here('crash-worker.mjs'), [JSON.stringify(asked)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let left = 1 + Math.floor(next() * REQUESTS_MAX);
    const delay = next() * 5;
    let timer;
    const onRequest = () => {
      left -= 1;
      if (left === 0) timer = setTimeout(() => worker.kill('SIGKILL'), delay);
    };
    let result;
    worker.on('message', (message) => (result = message));
    outside.on('message', onRequest);
    const [code, signal] = await once(worker, 'exit');
    outside.off('message', onRequest);
    clearTimeout(timer);
    if (result) return { kills, ...result };
    if (signal !== 'SIGKILL') throw new Error(`${asked.engine}: the worker ended with ${code}`);
  }
}

/** What the outside saw, apart from runs that stopped. */
function count(file, stopped) {
  const told = new Set(stopped);
  const requests = new Map();
  const made = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const [, key, result] = line.split(' ');
    requests.set(key, (requests.get(key) ?? 0) + 1);
    if (result === 'made') made.set(key, (made.get(key) ?? 0) + 1);
  }
  const beyondFirst = (counts) => [...counts.values()].reduce((sum, n) => sum + n - 1, 0);
  const whole = [...made.keys()].filter((key) => !told.has(key.split('/')[0]));
  return {
    effects: made.size,
    lost: (RUNS - told.size) * STEPS - whole.length,
    requests_repeated: beyondFirst(requests),
    duplicated: beyondFirst(made),
  };
}

async function cell({ engine, service }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const log = join(folder, 'effects.log');
  const outside = fork(here('outside.mjs'), [log]);
  const [port] = await once(outside, 'message');
  const { around } = await import(`./engines/${engine}.mjs`);
  const server = await around?.(join(folder, 'server'));
  const asked = {
    engine, service, runs: RUNS, outside: port, file: join(folder, 'state.db'), ports: server?.ports,
  };
  const { kills, stopped } = await underKills(asked, outside, chance(SEED));
  outside.disconnect();
  await server?.stop();
  const counted = count(log, stopped);
  rmSync(folder, { recursive: true, force: true });
  return {
    engine, service, runs: RUNS, kills,
    // Runs that stopped and asked a person, instead of guessing.
    incidents: stopped.length,
    ...counted,
    duplicated_per_kill: round(counted.duplicated / Math.max(kills, 1), 2),
  };
}

const only = process.env.ONLY ? process.env.ONLY.split(',') : undefined;
const results = [];
for (const asked of CELLS) {
  if (only && !only.includes(asked.engine)) continue;
  const result = await cell(asked);
  console.error(JSON.stringify(result));
  results.push(result);
}
console.log(JSON.stringify({ machine: machine(), seed: SEED, results }, null, 2));
process.exit(0);
