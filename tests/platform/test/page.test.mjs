/**
 * The page in a real browser: the real bridge in a sandboxed frame under Atlassian's policy.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { start } from './start.mjs';

const BROWSER = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path));
const skip = BROWSER ? false : 'no Chromium on this machine';
const source = (name) => fileURLToPath(new URL(`./fixture-app/${name}`, import.meta.url));

/** @returns {Promise<string>} a build of the fixture's page */
async function built(t) {
  const { build } = await import('esbuild');
  const directory = mkdtempSync(join(tmpdir(), 'fixture-ui-'));
  t.after(() => rmSync(directory, { recursive: true }));
  await build({
    entryPoints: [source('ui.src.js')],
    outfile: join(directory, 'main.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  copyFileSync(source('ui.src.html'), join(directory, 'index.html'));
  return directory;
}

async function open(t) {
  const { chromium } = await import('playwright-core');
  const platform = await start(t, { ui: await built(t) });
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return { ...platform, page, problems };
}

test('the app works inside its frame', { skip }, async (t) => {
  const { url, page, problems, invoke, settle, post } = await open(t);
  await page.goto(`${url}/browse/PAY-88?as=ben`);
  const frame = page.frameLocator('#main iframe.app');
  await frame.locator('#ready').waitFor();
  const shown = async (id) => JSON.parse(await frame.locator(`#${id}`).first().textContent());

  assert.deepEqual(await shown('context'), {
    issue: 'PAY-88',
    project: 'PAY',
    account: 'ben',
    theme: 'light',
  });
  assert.deepEqual(await shown('echo'), { n: 1 });
  assert.match((await shown('refused')).error, /no definition for 'nothing'/);
  assert.deepEqual(await shown('product'), { accountId: 'ben' });
  assert.equal(await shown('url'), `${url}/browse/PAY-88`);
  assert.equal(await shown('moved'), '/flows/1');
  assert.equal(await shown('mismatch'), 'CHANNEL_NAME_MISMATCH');
  assert.equal(await shown('time'), true);
  assert.match(
    (await shown('unmodelled')).error,
    /does not model the bridge command "openSpaceship"/,
  );
  assert.equal(await page.locator('[data-flag=hello] p').textContent(), 'from the app');
  assert.match(page.url(), /#\/flows\/1$/);

  // The backend speaks, the page hears it.
  await invoke('realtime', { channel: 'run-7', message: 'after', claims: { issue: '1' } });
  await frame.locator('#heard').waitFor();
  assert.equal(await shown('heard'), 'after');
  await invoke('realtime', { channel: 'run-7', message: 'for others', claims: { issue: '2' } });

  // Theme, height, modal.
  await page.locator('#theme').click();
  await frame.locator('html[data-color-mode=dark]').waitFor();
  const box = await page.locator('#main iframe.app').boundingBox();
  const height = await frame
    .locator('html')
    .evaluate((html) => html.getBoundingClientRect().height);
  assert.ok(Math.abs(box.height - height) <= 1, `${box.height} for ${height}`);
  await frame.locator('body').click();
  const modal = page.frameLocator('.modal iframe');
  await modal.locator('#ready').waitFor();
  assert.deepEqual(JSON.parse(await modal.locator('#modal').textContent()), { view: 'confirm' });
  await modal.locator('body').click();
  await frame.locator('#closed').waitFor();
  assert.deepEqual(await shown('closed'), { answer: 42 });
  assert.equal(await page.locator('.modal').count(), 0);
  assert.equal(await frame.locator('#heard').count(), 1);

  // The world beside it: an action, and what came of it.
  await page.locator('#open-world').click();
  const released = page.waitForResponse(/\/api\/tools\/actions\/release$/);
  await page.locator('[data-action=release]').click();
  await released;
  await settle();
  assert.equal((await invoke('state', { key: 'run:7' })).state, 'done');
  await post('/api/settle');
  const policy = problems.filter(
    (problem) => !/openSpaceship|Failed to load resource/.test(problem),
  );
  assert.deepEqual(policy, []);
});

test(
  "settings and administration frame the app, and the policy is Atlassian's",
  { skip },
  async (t) => {
    const { url, page, platform } = await open(t);
    for (const [path, expected] of [
      ['/projects/PAY/settings/fixture-settings', 'PAY'],
      ['/admin/fixture-admin', undefined],
    ]) {
      await page.goto(`${url}${path}?theme=dark`);
      const frame = page.frameLocator('#main iframe.app');
      await frame.locator('#ready').waitFor();
      const context = JSON.parse(await frame.locator('#context').textContent());
      assert.deepEqual([context.project, context.theme], [expected, 'dark']);
    }
    const answer = await fetch(`${platform.uiUrl}/main/index.html`);
    const policy = answer.headers.get('content-security-policy');
    assert.match(policy, /script-src 'self'/);
    assert.doesNotMatch(policy, /unsafe-eval|unsafe-inline|report-uri/);
    assert.ok(policy.includes(url), policy);
    assert.equal((await fetch(`${platform.uiUrl}/main/../../package.json`)).status, 404);
  },
);
