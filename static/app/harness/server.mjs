// Serves the built page under Forge's own content policy, with fixtures in place of the backend.

import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { backend } from './backend.mjs';

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUILT = here('../../../dist/ui/');

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

/** The policy Atlassian serves Custom UI with, for a manifest that asks for no exception. */
function contentPolicy(html, origin) {
  const { CSPProcessingService, CSPInjectionService } = require('@forge/csp');
  const { load } = require('cheerio');
  const details = new CSPProcessingService({ info: () => {} }, load).getCspDetails(html, {});
  const directives = new CSPInjectionService().getInjectableCSP({
    existingCSPDetails: details,
    microsEnv: 'prod',
    hostname: origin,
  });
  return directives
    .filter((directive) => !directive.startsWith('report-uri'))
    .map((directive) =>
      directive.startsWith('frame-ancestors') ? `${directive} ${origin}` : directive,
    )
    .join('; ');
}

async function page(origin) {
  const html = await readFile(`${BUILT}index.html`, 'utf8');
  const served = html.replace('<head>', '<head><script src="/bridge.js"></script>');
  return {
    body: served,
    headers: {
      'content-type': TYPES['.html'],
      'content-security-policy': contentPolicy(served, origin),
    },
  };
}

async function readBody(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
}

/** The frame around the page: just enough of Jira to judge the looks. */
const frame = async (name) => ({
  body: await readFile(here(`./${name}`), 'utf8'),
  headers: { 'content-type': TYPES['.html'] },
});

async function answer(request, origin) {
  const url = new URL(request.url, origin);
  const path = normalize(url.pathname);
  if (path === '/') return page(origin);
  if (path === '/host') return frame('host.html');
  if (path === '/bridge.js') {
    return { body: await readFile(here('./bridge.js')), headers: { 'content-type': TYPES['.js'] } };
  }
  if (path === '/invoke') {
    const { name, payload } = await readBody(request);
    const result = await backend(url.searchParams, name, payload);
    return { body: JSON.stringify(result), headers: { 'content-type': 'application/json' } };
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  // Built files carry their content's hash in their names.
  const headers = { 'content-type': type, 'cache-control': 'max-age=31536000, immutable' };
  return { body: await readFile(BUILT + path), headers };
}

/** Starts on a free port, or the one asked for. */
export async function serve(port = 0) {
  const server = createServer((request, response) => {
    const origin = `http://localhost:${server.address().port}`;
    answer(request, origin).then(
      ({ body, headers }) => response.writeHead(200, headers).end(body),
      (error) => response.writeHead(error.code === 'ENOENT' ? 404 : 500).end(String(error)),
    );
  });
  await new Promise((done) => {
    server.listen(port, done);
  });
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => {
        server.close(done);
      });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { origin } = await serve(4300);
  console.log(`${origin}/?place=jira:issuePanel&state=approval`);
}
