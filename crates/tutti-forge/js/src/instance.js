// One wasm instance per invocation, of a module compiled once per process. The module holds no
// state; an instance dies with its invocation, so nothing of one tenant can reach another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '../gen/glue.js';

let compiled;

export function createInstance() {
  compiled ??= new WebAssembly.Module(readFileSync(join(__dirname, 'tutti_forge.wasm')));
  let reportTrap;
  const trapped = new Promise((_, reject) => {
    reportTrap = reject;
  });
  trapped.catch(() => {});
  const wasm = create(compiled, reportTrap);
  // A trap inside a future would leave its promise pending for ever; whoever waits must hear.
  const guarded = (name) => (...args) => Promise.race([wasm[name](...args), trapped]);
  return {
    open: guarded('open'),
    save: guarded('save'),
    hear: guarded('hear'),
    perform: guarded('perform'),
    requeue: guarded('requeue'),
    serve: guarded('serve'),
  };
}
