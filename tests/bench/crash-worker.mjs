// A worker of the crash benchmark, made to be killed: it plays a number of runs one after another,
// under fixed names, and goes on with whatever an earlier worker left behind.
import { Agent, get } from 'node:http';

const asked = JSON.parse(process.argv[2]);
const { engine, file, outside, ports, runs, service } = asked;
const agent = new Agent({ keepAlive: true });

/** One request to the outside; its answer comes 2 ms later, as from a near service. */
const ask = (path, key) =>
  new Promise((resolve, reject) => {
    const query = `service=${service}&key=${encodeURIComponent(key)}`;
    const url = `http://127.0.0.1:${outside}/${path}?${query}`;
    get(url, { agent }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => setTimeout(() => resolve(JSON.parse(text)), 2));
    }).on('error', reject);
  });

const { open } = await import(`./engines/${engine}.mjs`);
const { play, recover, stopped, close } = await open({
  shape: 'linear',
  file,
  ports,
  synchronous: 'NORMAL',
  service,
  effect: (run, step) => ask('do', `${run}/${step}`),
  ask,
});
await recover?.();
for (let run = 1; run <= runs; run += 1) await play(`run-${run}`);
const told = stopped?.() ?? [];
await close();
process.send({ stopped: told }, () => process.exit(0));
