// This engine in the benchmark: the built wasm and the app's own worker loop, on a storage of the
// benchmark's. Effects are answered by the benchmark; nothing else is replaced.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { MemoryStore } from '../stores/memory.mjs';
import { SqliteStore } from '../stores/sqlite.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { create } = await import(`${root}crates/tutti-forge/js/gen/glue.js`);
const { drive } = await import(`${root}crates/tutti-forge/js/src/drive.js`);
const module = new WebAssembly.Module(readFileSync(`${root}dist/app/tutti_forge.wasm`));

const EVENT = 'avi:jira:released:version';
const PROJECT = 'BENCH';

export const version = JSON.parse(readFileSync(`${root}dist/../crates/tutti-forge/js/package.json`)).version;

/** A flow of the benchmark with its operations. */
export const flow = (name) =>
  JSON.parse(readFileSync(new URL(`../flows/${name}.json`, import.meta.url)));

/** The ports of one invocation on a store; what is put in the queue is handed to `push`. */
function hostOn(store, head, push) {
  const ports = {
    get: (asked) => store.get(asked),
    set: (asked) => store.set(asked),
    delete: (asked) => store.delete(asked),
    list: (asked) => store.list(asked),
    transact: (transaction, text) => {
      if (transaction.text) transaction.set[0].value[transaction.text] = text;
      return store.transact(transaction);
    },
    query: ({ entity }) => ({ items: entity === 'flow' ? [{ value: head }] : [], cursor: null }),
    push: ({ body }) => push(body),
    publish: () => {},
  };
  return {
    now: () => Date.now(),
    port: async (name, json, text) => JSON.stringify(ports[name](JSON.parse(json), text) ?? null),
  };
}

/**
 * @param {{ shape: string | {document: object, operations: object}, file?: string,
 *   synchronous?: string, effect?: (effect: object) => Promise<object> | object }} options
 */
export async function open({ shape, file, synchronous = 'NORMAL', effect, fresh = false }) {
  const store = file ? new SqliteStore(file, synchronous) : new MemoryStore();
  const { document, operations } = typeof shape === 'string' ? flow(shape) : shape;
  const id = document.id;
  store.set({ key: `flow-version:${PROJECT}:${id}:1`, value: { document, operations } });
  const head = {
    project: PROJECT, id, version: 1, enabled: true, topic: `event:${EVENT}`, source: '', document,
  };
  const done = effect ?? (({ action }) => ({ ok: { value: action.input.value } }));
  const perform = async (json) => {
    const asked = JSON.parse(json);
    const result = await done(asked);
    return JSON.stringify({ type: 'answered', effect: asked.id, result, took_ms: 1 });
  };
  let shared;
  const instance = () =>
    fresh ? create(module, () => {}) : (shared ??= create(module, () => {}));
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
    async play(key) {
      const tally = await work(await trigger(key));
      if (tally.state !== 'completed') throw new Error(JSON.stringify(tally));
      return tally.effects;
    },
    close: () => store.close(),
  };
}
