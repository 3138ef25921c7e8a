// This engine on the unmodified @forge/kvs, above the local platform's storage: the way it runs on
// Forge, but for the network between.
import { createHost } from '../../../crates/tutti-forge/js/src/host.js';
import { Kvs } from '../../platform/src/kvs/kvs.mjs';
import { Clock } from '../../platform/src/clock.mjs';
import { Manifest } from '../../platform/src/manifest.mjs';
import { Meter } from '../../platform/src/meter.mjs';
import { Rates } from '../../platform/src/rates.mjs';
import { Store } from '../../platform/src/store.mjs';
import { open as openTutti, version } from './tutti.mjs';

export { version };

const MANIFEST = new URL('../../../manifest.yml', import.meta.url).pathname;

/** The storage as the app's own ports see it. */
class ForgeStore {
  constructor(file) {
    const store = new Store(file);
    const clock = new Clock(store);
    const kvs = new Kvs({
      store, clock,
      manifest: Manifest.read(MANIFEST),
      meter: new Meter(store),
      rates: new Rates(clock, false),
      boundaries: { around: (_, write) => write() },
    });
    globalThis.__forge_runtime__ = { proxy: {}, tracing: {}, kvs: { url: 'kvs', host: 'kvs' } };
    globalThis.__forge_fetch__ = async (_, path, { body }) => {
      const { status, body: answer } = kvs.answer(path, JSON.parse(body));
      return new Response(answer === undefined ? null : JSON.stringify(answer), { status });
    };
    this.sql = store;
    this.host = createHost();
  }

  async port(name, given) {
    return JSON.parse(await this.host.port(name, JSON.stringify(given)));
  }

  get = (given) => this.port('get', given);
  set = (given) => this.port('set', given);
  delete = (given) => this.port('delete', given);
  list = (given) => this.port('list', given);
  transact = (given) => this.port('transact', given);

  close() {
    this.sql.close();
  }
}

export const open = (options) => openTutti({ ...options, fresh: true, store: new ForgeStore(options.file) });
