/**
 * The process a function runs in: one message in, one result out. It dies with the platform.
 */
'use strict';
const time = require('./time.cjs');
const wrapper = require('./wrapper.cjs');

const codeDirectory = process.argv[2];
// The machine's own clock: an invocation is billed and limited in real time.
const { performance } = require('node:perf_hooks');

wrapper.speak((line) => process.send({ log: line }));
process.on('disconnect', () => process.exit(1));

process.on('message', async ({ id, event, clock, limitMs }) => {
  time.follow(clock);
  const started = performance.now();
  const cpu = process.cpuUsage();
  const result = await wrapper.main(
    event,
    {
      awsRequestId: event._meta.appContext.invocationId,
      getRemainingTimeInMillis: () =>
        Math.max(0, Math.floor(limitMs - (performance.now() - started))),
    },
    codeDirectory,
  );
  const { user, system } = process.cpuUsage(cpu);
  process.send({ id, result, cpuMs: (user + system) / 1000, now: time.now() });
});
