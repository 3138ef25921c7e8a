/**
 * The platform put together: every noun of it once, over one store, behind three servers.
 */
import { serve } from '@hono/node-server';

import { Activity } from './activity.mjs';
import { createApi } from './api/index.mjs';
import { Children } from './children.mjs';
import { Clock } from './clock.mjs';
import { Boundaries } from './crash.mjs';
import { Deliveries } from './deliveries.mjs';
import { FrontEnd } from './front_end.mjs';
import { Invocations } from './invoke.mjs';
import { Journal } from './journal.mjs';
import { Kvs } from './kvs/kvs.mjs';
import { Manifest } from './manifest.mjs';
import { Meter } from './meter.mjs';
import { ProductEvents } from './product_events.mjs';
import { Egress } from './proxy/egress.mjs';
import { faulty } from './proxy/faults.mjs';
import { createProxy } from './proxy/index.mjs';
import { kvs as kvsCall } from './proxy/kvs.mjs';
import { Products } from './proxy/products.mjs';
import { realtimeCall } from './proxy/realtime.mjs';
import { stargate } from './proxy/stargate.mjs';
import { Queue } from './queue.mjs';
import { Rates } from './rates.mjs';
import { Realtime } from './realtime.mjs';
import { Schedule } from './schedule.mjs';
import { Scopes } from './scopes.mjs';
import { Site } from './site.mjs';
import { Store } from './store.mjs';
import { Timeline } from './timeline.mjs';
import { createUi } from './ui.mjs';
import { WebTriggers } from './webtriggers.mjs';
import { openWorld } from './world.mjs';

const HOST = '127.0.0.1';

/**
 * @typedef {object} Options
 * @property {string} app         the directory that would be deployed
 * @property {string} manifest
 * @property {string} [ui]        the Custom UI build, instead of the paths in the manifest
 * @property {string} state       the SQLite file
 * @property {number} [port]      0: any
 * @property {number} [uiPort]
 * @property {boolean} [frozen]   time moves only when told to
 * @property {string} [clock]     where time starts
 * @property {Record<string, string>} [map]        real servers for outside hosts
 * @property {Record<string, string>} [variables]  Forge environment variables
 * @property {string} [contracts]
 * @property {string} [tools]
 * @property {boolean} [rates]    enforce limits per second and minute
 * @property {{lagMs?: number, overhangMs?: number}} [kvs]
 * @property {{duplicates?: number, reorder?: boolean, seed?: string}} [chaos]
 * @property {number} [perChild]
 * @property {string[]} [nodeFlags]  for the processes functions run in
 * @property {Children} [children]   processes of the caller's own, warm from other platforms
 * @property {number | string} [crashAt]
 * @property {(line: string) => void} [loudly]
 */

/** @param {Options} options */
export async function startPlatform(options) {
  const platform = await assemble(options);
  const { webTriggers, invocations, deliveries, productEvents, timeline, children } = platform;
  const proxy = await listen(createProxy(platform), 0);
  invocations.proxyUrl = proxy.url;
  const ui = await listen(createUi(platform), options.uiPort ?? 0);
  platform.uiUrl = ui.url;
  const main = await listen(createApi(platform), options.port ?? 0);
  platform.url = main.url;
  webTriggers.base = main.url;

  deliveries.recover();
  productEvents.install();
  timeline.catchUp();

  const stop = async () => {
    timeline.stop();
    deliveries.stop();
    if (children !== options.children) await children.close();
    await Promise.all([main, ui, proxy].map(({ close }) => close()));
    platform.store.close();
  };
  return Object.assign(platform, { stop });
}

/** Every part, in the order of who needs whom. */
async function assemble(options) {
  const store = new Store(options.state);
  const clock = new Clock(store, { frozen: options.frozen, start: options.clock });
  const manifest = Manifest.read(options.manifest);
  const site = new Site(manifest, store);
  const loudly = options.loudly ?? ((line) => process.stderr.write(`platform: ${line}\n`));
  const journal = new Journal(store, clock, loudly);
  const meter = new Meter(store);
  const rates = new Rates(clock, options.rates);
  const boundaries = new Boundaries(options.crashAt);
  const ground = { options, store, clock, manifest, site, journal, meter, rates, boundaries };

  let timeline;
  const activity = new Activity(() => timeline.due);
  const { app: codeDirectory, perChild, nodeFlags } = options;
  const children = options.children ?? new Children({ codeDirectory, perChild, nodeFlags });
  const invocations = new Invocations({
    ...ground,
    children,
    activity,
    variables: options.variables,
  });
  const deliveries = new Deliveries({ ...ground, activity, chaos: options.chaos });
  const work = { ...ground, activity, children, invocations, deliveries };

  const productEvents = new ProductEvents(work);
  const webTriggers = new WebTriggers(work);
  const queue = new Queue(work);
  const schedule = new Schedule(work);
  const realtime = new Realtime(work);
  const kvs = new Kvs({ ...work, options: options.kvs });
  const emit = (event) =>
    event.kind === 'product' ? productEvents.emit(event) : webTriggers.send(event);
  const world = await openWorld({
    ...ground,
    emit,
    contracts: options.contracts,
    tools: options.tools,
  });
  timeline = new Timeline({ ...work, schedule, world });
  activity.onQuiet = () => kvs.records.catchUp();

  const products = new Products({ ...work, world, scopes: new Scopes(options.contracts) });
  const egress = new Egress({ ...work, world, map: options.map });
  const frontEnd = new FrontEnd({ ...work, realtime, products, world });
  const capabilities = {
    products: products.answer,
    egress: egress.answer,
    stargate: faulty('queue', stargate({ ...work, queue, webTriggers }), world),
    kvs: faulty('kvs', kvsCall(kvs), world),
    realtime: realtimeCall({ ...work, realtime }),
  };
  return {
    ...work,
    productEvents,
    webTriggers,
    queue,
    schedule,
    realtime,
    kvs,
    world,
    timeline,
    frontEnd,
    products,
    capabilities,
  };
}

/**
 * Node discards an unread body by itself; the adapter's own way of doing so closes the connection
 * of a slow machine under its caller.
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
function listen({ fetch }, port) {
  const options = { hostname: HOST, overrideGlobalObjects: false, autoCleanupIncoming: false };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, ...options }, (address) => {
      const close = () =>
        new Promise((done) => {
          server.close(done);
          server.closeAllConnections();
        });
      resolve({ url: `http://${HOST}:${address.port}`, close });
    });
    server.once('error', reject);
  });
}
