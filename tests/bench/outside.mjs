// The outside of the crash benchmark, in a process of its own: it outlives every worker and writes
// down each request as it arrives. It behaves as services do: some know a key, some can be searched.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [file] = process.argv.slice(2);
const done = new Map();

/** What a request does to the world, by what the service knows of once-ness. */
const SERVICES = {
  // The same content written again changes nothing.
  idempotent: (key) => (done.has(key) ? 'same' : 'made'),
  // It knows the key, and answers as it did the first time.
  keyed: (key) => (done.has(key) ? 'known' : 'made'),
  // It makes another one, whoever asks; but it can be searched.
  probed: () => 'made',
  unsafe: () => 'made',
};

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://outside');
  const key = url.searchParams.get('key');
  const what = url.searchParams.get('service');
  const answer = (value) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
  if (url.pathname === '/find') return answer({ found: done.has(key) });
  const result = SERVICES[what](key);
  appendFileSync(file, `${what} ${key} ${result}\n`);
  done.set(key, true);
  process.send('request');
  return answer({ result });
});

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.once('disconnect', () => process.exit(0));
