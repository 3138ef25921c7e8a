/**
 * The world around the app: the simulated products and tools, or none where they are not installed.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const STANDARD = fileURLToPath(new URL('../tools/index.mjs', import.meta.url));

/**
 * @param {object} parts
 * @param {string} [parts.tools]  the module with `createTools`
 * @param {(event: object) => void} parts.emit  product events and webhooks on their way to the app
 */
export async function openWorld({ store, clock, emit, contracts, tools: file = STANDARD }) {
  const module = existsSync(file) ? await import(pathToFileURL(file)) : { createTools: () => ({}) };
  const tools = await module.createTools({ db: store.db, clock, emit, contracts });
  return {
    products: tools.products ?? {},
    hosts: tools.hosts ?? {},
    control: tools.control,
    faults: tools.faults,
    world: () => tools.world?.() ?? {},
    seed: (name) => tools.seed?.(name),
    /** When the world next changes by itself. */
    dueAt: () => tools.dueAt?.() ?? null,
    run: () => tools.tick?.(),
  };
}
