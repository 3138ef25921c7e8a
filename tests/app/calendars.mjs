// The operations `tutti.calendar.*` as the shipped module performs them, with the zones of Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { create } from '../../crates/tutti-forge/js/gen/glue.js';

const DIST = fileURLToPath(new URL('../../dist/app', import.meta.url));
let instance;

/** What an operation answers: `{ ok }`, or `{ failed }`. */
export async function ask(operation, input, now = Date.parse('2026-03-10T09:00:00Z')) {
  const compiled = () => new WebAssembly.Module(readFileSync(join(DIST, 'tutti_forge.wasm')));
  instance ??= create(compiled(), () => {});
  const action = { type: 'call', operation, input, before: null, write: false };
  const effect = { id: 'asked', key: 'run/asked/1', action, deadline_ms: 1_000 };
  const event = await instance.perform(JSON.stringify(effect), { now: () => now });
  return JSON.parse(event).result;
}
