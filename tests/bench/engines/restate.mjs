// Restate in the benchmark: its server beside a service of its SDK, both on the loopback.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

// The SDK wants Node 22 for this alone.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
process.env.RESTATE_LOGGING ??= 'ERROR';
const { RestatePromise, endpoint, service } = await import('@restatedev/restate-sdk');
const require = createRequire(import.meta.url);

export const version = JSON.parse(
  readFileSync(require.resolve('@restatedev/restate-server/package.json')),
).version;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks until somebody answers; the server takes a second or two to start. */
async function answered(url, init, until = Date.now() + 30_000) {
  for (;;) {
    const answer = await fetch(url, init).catch(() => undefined);
    if (answer?.ok) return answer;
    if (Date.now() > until) throw new Error(`${url} does not answer: ${await answer?.text()}`);
    await pause(50);
  }
}

/** Starts what outlives the worker: the server, with its files in `folder`. */
export async function around(folder) {
  const [ingress, admin, node, worker] = await Promise.all([1, 2, 3, 4].map(freePort));
  const at = (port) => `127.0.0.1:${port}`;
  const binary = require.resolve('@restatedev/restate-server-linux-x64/bin/restate-server');
  const server = spawn(binary, ['--base-dir', folder, '--node-name', 'bench'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DO_NOT_TRACK: '1',
      RESTATE_INGRESS__BIND_ADDRESS: at(ingress),
      RESTATE_ADMIN__BIND_ADDRESS: at(admin),
      RESTATE_BIND_ADDRESS: at(node),
      RESTATE_ADVERTISED_ADDRESS: `http://${at(node)}`,
    },
  });
  await answered(`http://${at(admin)}/health`);
  return {
    ports: { ingress, admin, worker },
    pid: server.pid,
    async stop() {
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
  };
}

const SHAPES = {
  async linear(step) {
    let count = 0;
    for (let i = 1; i <= 10; i += 1) count = await step(`s${i}`, count);
    return count;
  },
  async mixed(step) {
    let count = await step('c', await step('b', await step('a', 0)));
    count = await step(count >= 3 ? 'hi' : 'lo', count);
    const sides = await RestatePromise.all(['p1', 'p2', 'p3'].map((name) => step(name, 0)));
    count += sides.reduce((sum, one) => sum + one);
    return step('e', await step('d', await step('j', count)));
  },
};

export async function open({ shape, file, ports, effect = () => {} }) {
  const own = ports ? undefined : await around(`${file}.restate`);
  const { ingress, admin, worker } = ports ?? own.ports;
  const bench = service({
    name: 'bench',
    handlers: {
      async play(ctx, key) {
        const step = (name, count) =>
          ctx.run(name, async () => {
            await effect(key, name);
            return count + 1;
          });
        return SHAPES[shape](step);
      },
    },
  });
  await endpoint().bind(bench).listen(worker);
  await answered(`http://127.0.0.1:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${worker}`, force: true }),
  });
  return {
    servers: own ? [own.pid] : [],
    /** Plays a run to its end; the same key again attaches to the same run. */
    async play(key) {
      const answer = await answered(`http://127.0.0.1:${ingress}/bench/play`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(key),
      });
      const count = await answer.json();
      if (count !== 10) throw new Error(`${key} came to ${count}`);
      return count;
    },
    close: () => own?.stop(),
  };
}
