// One cell of the benchmark, in a process of its own: one engine, one shape of flow, one storage.
import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median } from './numbers.mjs';

const asked = JSON.parse(process.argv[2]);
const { engine, shape, durable, at_once: atOnce = 1, runs, warmup, rounds = 5 } = asked;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** CPU seconds of this process, and of a server it needs. */
function cpu(servers = []) {
  const { user, system } = process.cpuUsage();
  const ofServers = servers.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  });
  return (user + system) / 1e6 + ofServers.reduce((sum, one) => sum + one, 0);
}

const begun = performance.now();
const { open, version } = await import(`./engines/${engine}.mjs`);
const { play, close, servers } = await open({
  ...asked.options,
  shape,
  file: durable && join(folder, 'state.db'),
});
const ready = performance.now() - begun;

async function playAll(name, count) {
  let next = 0;
  let steps = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      // Others count while this one plays.
      const played = await play(`${name}-${next}`);
      steps += played;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return steps;
}

await playAll('warm', warmup);
const measured = [];
for (let round = 0; round < rounds; round += 1) {
  const [wall, spent] = [performance.now(), cpu(servers)];
  const steps = await playAll(`r${round}`, runs);
  const seconds = (performance.now() - wall) / 1000;
  measured.push({ rate: steps / seconds, cpu: ((cpu(servers) - spent) * 1e6) / steps });
}
await close();
console.log(JSON.stringify({
  engine, version, shape, durable: Boolean(durable), at_once: atOnce,
  steps_per_second: Math.round(median(measured.map(({ rate }) => rate))),
  cpu_us_per_step: Math.round(median(measured.map(({ cpu: spent }) => spent)) * 10) / 10,
  start_ms: Math.round(ready),
  rss_mb: Math.round(process.memoryUsage().rss / 2 ** 20),
}));
process.exit(0);
