// This engine in the benchmark: the built wasm and the app's own worker loop, on a storage of the
// benchmark's. Effects are answered by the benchmark; nothing else is replaced.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

import { MemoryStore } from '../stores/memory.mjs';
import { SqliteStore } from '../stores/sqlite.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { create } = await import(`${root}crates/tutti-forge/js/gen/glue.js`);
const { drive } = await import(`${root}crates/tutti-forge/js/src/drive.js`);
const module = new WebAssembly.Module(readFileSync(`${root}dist/app/tutti_forge.wasm`));

const EVENT = 'avi:jira:released:version';
const PROJECT = 'BENCH';

export const version = JSON.parse(readFileSync(`${root}tests/platform/package.json`)).version;

/** What is stored as the app packs it. */
const packed = (value) =>
  deflateRawSync(JSON.stringify(value)).toString('base64').replaceAll('=', '');

/** A flow of the benchmark with its operations, these of the effect class that is asked for. */
export function flow(name, once = 'idempotent') {
  const read = JSON.parse(readFileSync(new URL(`../flows/${name}.json`, import.meta.url)));
  const [put] = Object.values(read.operations);
  put.once = once;
  if (once !== 'probed') return read;
  // What a probed operation made is looked for by its effect key.
  const find = {
    ...put, id: 'bench.counter.find', access: 'read', once: 'read',
    input: { key: { type: 'text', required: true } },
  };
  put.probe = {
    use: find.id, with: { key: '${effect_key}' }, find: 'found', path: 'key',
    output: { value: '${input.value}' },
  };
  return { ...read, operations: { ...read.operations, [find.id]: find } };
}

/** The ports of one invocation on a store; what is put in the queue is handed to `push`. */
function hostOn(store, head, push) {
  const ports = {
    get: (asked) => store.get(asked),
    set: (asked) => store.set(asked),
    delete: (asked) => store.delete(asked),
    transact: ({ text: attribute, ...transaction }, text) => {
      if (attribute) transaction.set[0].value[attribute] = text;
      return store.transact(transaction);
    },
    query: ({ entity }) => ({ items: entity === 'flow' ? [{ value: head }] : [], cursor: null }),
    push: ({ queue, events }) => queue === 'runs' && events.forEach(({ body }) => push(body)),
    publish: () => {},
  };
  return {
    now: () => Date.now(),
    port: async (name, json, text) => JSON.stringify((await ports[name](JSON.parse(json), text)) ?? null),
  };
}

/** Answers an effect: with what it was asked to write, or with what the outside has of it. */
const answering = (effect, ask) => async ({ key, action }) => {
  if (action.operation.endsWith('.find')) {
    const { found } = await ask('find', key);
    return { ok: { found: found ? [{ key }] : [] } };
  }
  const [run, ...step] = key.split('/');
  await effect(run, step.join('/'));
  return { ok: { value: action.input.value } };
};

/**
 * @param {object} options
 * @param {string | {document: object, operations: object}} options.shape  a flow, or its name
 * @param {string} [options.file]  of the database; in memory without
 * @param {string} [options.service]  the effect class of what is called
 * @param {(run: string, step: string) => unknown} [options.effect]  what each effect does
 * @param {(path: string, key: string) => Promise<object>} [options.ask]  looks in the outside
 * @param {object} [options.store]  another storage than these two
 * @param {boolean} [options.fresh]  whether every invocation makes an instance of the wasm
 */
export async function open(options) {
  const { shape, file, synchronous = 'NORMAL', service, effect = () => {}, ask } = options;
  const store =
    options.store ?? (file ? new SqliteStore(file, synchronous) : new MemoryStore());
  const { document, operations } = typeof shape === 'string' ? flow(shape, service) : shape;
  const id = document.id;
  await store.set({ key: `flow-version:${PROJECT}:${id}:1`, value: packed({ document, operations }) });
  const head = {
    project: PROJECT, id, version: 1, enabled: true, topic: `event:${EVENT}`, source: '', document,
  };
  const answer = answering(effect, ask);
  const perform = async (json) => {
    const asked = JSON.parse(json);
    const result = await answer(asked);
    return JSON.stringify({ type: 'answered', effect: asked.id, result, took_ms: 1 });
  };
  // On Forge every invocation has an instance of its own; a process that is ours keeps one, as the
  // other engines keep what they compiled.
  const fresh = () => create(module, () => {});
  const kept = fresh();
  const instance = options.fresh ? fresh : () => kept;
  const queue = [];
  const host = hostOn(store, { body: JSON.stringify(head) }, (body) => queue.push(body));

  /** The trigger's invocation: makes the run, once, and puts it in the queue. */
  async function trigger(key, payload = {}) {
    const event = { eventType: EVENT, id: key, count: 0, ...payload };
    await instance().serve('event', JSON.stringify(event), host);
    return queue.pop();
  }

  /** A worker's invocation, and those that follow it. */
  async function work(message, again = false) {
    let tally;
    for (let next = { ...message, again }; next; next = queue.pop()) {
      tally = await drive({ ...instance(), perform }, host, next, () => 900_000);
    }
    return tally;
  }

  return {
    store,
    trigger,
    work,
    /** A worker's hold on a run, for whoever wants to look at single steps. */
    hold: (message) => instance().open(JSON.stringify(message), 'bench', host),
    async play(key) {
      const message = await trigger(key);
      // A run that is known already was seen to when the workers before were followed.
      if (!message) return 0;
      const { effects } = await work(message);
      return effects;
    },
    /** Follows the workers that died: what the queue delivers again. */
    async recover() {
      for (const { run, state } of store.runs()) if (state === 'running') await work({ run }, true);
    },
    /** Runs that stopped and told a person why, instead of guessing. */
    stopped: () => store.runs().filter(({ state }) => state !== 'completed').map(({ run }) => run),
    close: () => store.close(),
  };
}
